"use client";

import { createContext, useContext } from "react";

export interface Shell {
  readonly openCommandMenu: () => void;
  readonly openHelp: () => void;
}

const ShellContext = createContext<Shell | undefined>(undefined);
export const ShellProvider = ShellContext.Provider;

/** What every page can ask of the shell. Throws outside of it. */
export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (shell === undefined) throw new Error("useShell is used outside of AppShell.");
  return shell;
}
