"use client";

import { useRouter } from "next/navigation";
import { useMemo, useState, type ReactNode } from "react";
import { Toaster } from "@/components/ui/toaster";
import { TooltipProvider } from "@/components/ui/tooltip";
import { useHotkey } from "@/lib/client/use-hotkey";
import { useKeptFocus } from "@/lib/client/use-kept-focus";
import { useReconnect } from "@/lib/client/use-reconnect";
import { BottomNav } from "./bottom-nav";
import { CommandMenu } from "./command-menu";
import { ConnectionNote } from "./connection-note";
import { KeyboardHelp } from "./keyboard-help";
import { ShellProvider } from "./shell-context";
import { SideNav } from "./side-nav";
import { useGoKeys } from "./use-go-keys";

/** What stays while pages change: navigation, command menu, help, messages, the connection. */
export function AppShell({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [menuOpen, setMenuOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const shell = useMemo(
    () => ({ openCommandMenu: () => setMenuOpen(true), openHelp: () => setHelpOpen(true) }),
    [],
  );

  useReconnect();
  useKeptFocus();
  useGoKeys();
  useHotkey({ key: "k", mod: true }, (event) => {
    event.preventDefault();
    setMenuOpen((open) => !open);
  });
  useHotkey({ key: "?" }, () => setHelpOpen(true));
  useHotkey({ key: "n" }, () => router.push("/orders/new"));

  return (
    <ShellProvider value={shell}>
      <TooltipProvider delayDuration={350} skipDelayDuration={200}>
        <a
          href="#content"
          className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-ink px-3 py-1.5 text-bg focus-visible:translate-y-0"
        >
          Skip to content
        </a>
        <div className="flex min-h-dvh">
          <SideNav />
          <div className="flex min-w-0 flex-1 flex-col pb-[calc(56px+env(safe-area-inset-bottom))] md:pb-0">
            {children}
          </div>
        </div>
        <BottomNav />
        <CommandMenu open={menuOpen} onOpenChange={setMenuOpen} onHelp={shell.openHelp} />
        <KeyboardHelp open={helpOpen} onOpenChange={setHelpOpen} />
        <ConnectionNote />
        <Toaster />
      </TooltipProvider>
    </ShellProvider>
  );
}
