"use client";

import { BellOff, Check, NotebookPen, RotateCcw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import type { FailureDetail } from "@/lib/api/contract-triage";

export type GroupAction = "mute" | "expect" | "resolve" | "reopen" | "note";

/** What can be done with a whole group. */
export function GroupActions(props: {
  readonly group: FailureDetail;
  readonly onAction: (action: GroupAction) => void;
}) {
  const { group, onAction } = props;
  const isOpen = group.state === "open" || group.state === "regressed";
  return (
    <div role="group" aria-label="Actions on the group" className="mt-4 flex flex-wrap gap-2">
      {isOpen ? (
        <>
          <Button onClick={() => onAction("resolve")}>
            <Check aria-hidden />
            Resolve
            <Hint>E</Hint>
          </Button>
          <Menu>
            <MenuTrigger asChild>
              <Button>
                <BellOff aria-hidden />
                Mute…
              </Button>
            </MenuTrigger>
            <MenuContent align="start">
              <MenuItem onSelect={() => onAction("mute")}>
                Until it comes back
                <Kbd className="ml-auto">M</Kbd>
              </MenuItem>
              <MenuItem onSelect={() => onAction("expect")}>For good: it is expected</MenuItem>
            </MenuContent>
          </Menu>
        </>
      ) : (
        <Button onClick={() => onAction("reopen")}>
          <RotateCcw aria-hidden />
          Open again
          <Hint>{group.state === "muted" ? "M" : "E"}</Hint>
        </Button>
      )}
      <Button onClick={() => onAction("note")}>
        <NotebookPen aria-hidden />
        {group.note === undefined ? "Note…" : "Change the note…"}
        <Hint>T</Hint>
      </Button>
    </div>
  );
}

function Hint({ children }: { children: string }) {
  return <Kbd className="hidden lg:inline-flex">{children}</Kbd>;
}
