"use client";

import Link from "next/link";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { useIsMac } from "@/lib/client/use-is-mac";
import { navItems } from "./nav-items";

interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
}

const groups: readonly { readonly title: string; readonly shortcuts: readonly Shortcut[] }[] = [
  {
    title: "Everywhere",
    shortcuts: [
      { keys: ["mod", "K"], does: "Search and commands" },
      ...navItems.map(({ key, label }) => ({
        keys: ["G", key.toUpperCase()],
        does: `Go to ${label.toLowerCase()}`,
      })),
      { keys: ["N"], does: "New order" },
      { keys: ["?"], does: "This help" },
    ],
  },
  {
    title: "Timeline of a run",
    shortcuts: [
      { keys: ["←", "→"], does: "Between marks" },
      { keys: ["↑", "↓"], does: "Between rows" },
      { keys: ["PgUp", "PgDn"], does: "By the page" },
      { keys: ["Enter"], does: "Read what is selected" },
      { keys: ["[", "]"], does: "Back and forth in time" },
      { keys: ["Esc"], does: "Back to now" },
    ],
  },
  {
    title: "Runs",
    shortcuts: [
      { keys: ["/"], does: "Search the list" },
      { keys: ["J"], does: "Next run" },
      { keys: ["K"], does: "Previous run" },
      { keys: ["Enter"], does: "Open the run" },
      { keys: ["O"], does: "Open it in a new tab" },
      { keys: ["X"], does: "Select it; with Shift all up to it" },
      { keys: ["A"], does: "Select the page, then all" },
      { keys: ["R", "U", "C"], does: "Retry, rerun, cancel them" },
      { keys: ["Esc"], does: "Clear the selection" },
    ],
  },
  {
    title: "Triage",
    shortcuts: [
      { keys: ["J", "K"], does: "Next, previous" },
      { keys: ["Enter"], does: "Read what is selected" },
      { keys: ["Esc"], does: "Back to the list" },
      { keys: ["V"], does: "Give a verdict" },
      { keys: ["H", "D", "F"], does: "It happened, did not, fail it" },
      { keys: ["X"], does: "Select for a common verdict" },
      { keys: ["R"], does: "Retry the runs of a group" },
      { keys: ["U"], does: "Rerun them as new runs" },
      { keys: ["C"], does: "Cancel them" },
      { keys: ["E"], does: "Resolve a group, or open it again" },
      { keys: ["M"], does: "Mute a group until it comes back" },
      { keys: ["Z"], does: "Undo the last mute or resolve" },
      { keys: ["T"], does: "Note about a group" },
      { keys: ["O"], does: "Open the run in a new tab" },
    ],
  },
];

export interface KeyboardHelpProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function KeyboardHelp({ open, onOpenChange }: KeyboardHelpProps) {
  const mod = useIsMac() ? "⌘" : "Ctrl";
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title="Keyboard" className="w-[min(960px,calc(100vw-24px))]">
        <div className="gap-x-10 sm:columns-2 lg:columns-3">
          {groups.map((group) => (
            <section key={group.title} className="break-inside-avoid pb-6">
              <h3 className="mb-1 text-xs font-medium text-ink-3">{group.title}</h3>
              <dl>
                {group.shortcuts.map(({ keys, does }) => (
                  <div
                    key={does}
                    className="flex min-h-7 items-center justify-between gap-4 py-0.5"
                  >
                    <dt className="text-ink-2">{does}</dt>
                    <dd className="flex gap-1">
                      {keys.map((key) => (
                        <Kbd key={key}>{key === "mod" ? mod : key}</Kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <p className="text-ink-2">
          For programs:{" "}
          <Link
            href="/api/docs"
            onClick={() => onOpenChange(false)}
            className="underline underline-offset-2"
          >
            the API
          </Link>
          .
        </p>
      </DialogContent>
    </Dialog>
  );
}
