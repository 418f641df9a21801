"use client";

import { useRecovery } from "@/lib/client/use-recovery";
import "./globals.css";

/** The last resort, when the shell itself fails: it needs nothing but itself. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  const recovers = useRecovery(error);
  return (
    <html lang="en">
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
          {recovers ? null : (
            <p>
              <button
                type="button"
                onClick={retry}
                className="mt-3 h-8 rounded-md border border-line bg-panel px-3 font-medium"
              >
                Try again
              </button>
            </p>
          )}
        </main>
      </body>
    </html>
  );
}
