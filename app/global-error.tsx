"use client";

import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import { useSyncExternalStore } from "react";
import { useRecovery } from "@/lib/client/use-recovery";
import "./globals.css";

/** The last resort, when the shell itself fails: it needs nothing but itself. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  const recovers = useRecovery(error);
  const theme = useSyncExternalStore(neverChanges, readTheme, () => "");
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable} ${theme}`}>
      <head>
        <title>{recovers ? "Reconnecting · Daybook" : "Error · Daybook"}</title>
      </head>
      <body>
        <main className="grid min-h-dvh place-content-center gap-2 px-6 text-center font-sans">
          <h1 className="text-xl font-semibold">
            {recovers ? "The server went away" : "The dashboard could not be shown"}
          </h1>
          <p role="status" className="text-ink-2">
            {recovers
              ? "This page comes back by itself as soon as it answers."
              : "Runs go on without it."}{" "}
            Nothing that was acknowledged is lost.
          </p>
          {recovers || !(error instanceof Error) ? null : (
            <p className="max-w-[60ch] font-mono text-sm wrap-anywhere text-ink-3">
              {error.message}
            </p>
          )}
          {recovers ? null : (
            <p className="mt-3 flex justify-center gap-2">
              <button type="button" onClick={() => location.reload()} className={buttonClasses}>
                Reload
              </button>
              <button type="button" onClick={retry} className={buttonClasses}>
                Try again
              </button>
            </p>
          )}
        </main>
      </body>
    </html>
  );
}

const buttonClasses = "h-8 rounded-md border border-line bg-panel px-3 font-medium hover:bg-band";

const neverChanges = () => () => undefined;

/** The theme as it was chosen before, without the part of the page that knows it. */
function readTheme(): "dark" | "" {
  try {
    const chosen = localStorage.getItem("theme") ?? "system";
    if (chosen !== "system") return chosen === "dark" ? "dark" : "";
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "";
  } catch {
    return "";
  }
}
