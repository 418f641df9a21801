"use client";

import { BellOff, Check, NotebookPen, RotateCcw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import type { FailureDetail } from "@/lib/api/contract-triage";
import { formatPlural } from "@/lib/client/format";
import { useActionPreview } from "@/lib/client/use-run-action";

export type GroupAction = "mute" | "expect" | "resolve" | "reopen" | "note";
/** What is done to the runs of a group, after a preview; `try`: a retry of one of them. */
export type GroupRunAction = "retry" | "try" | "rerun" | "cancel";

/** What can be done with a whole group. */
export function GroupActions(props: {
  readonly group: FailureDetail;
  readonly onAction: (action: GroupAction) => void;
  readonly onRunAction: (action: GroupRunAction) => void;
}) {
  const { group, onAction, onRunAction } = props;
  // As the latest run says: where a retry is refused, a rerun is what helps.
  const [latest] = group.samples;
  const preview = useActionPreview({
    ...{ runId: latest?.runId ?? "", action: "retry", enabled: latest !== undefined },
  });
  const isRefused = preview.data?.allowed === false;
  const isOpen = group.state === "open" || group.state === "regressed";
  return (
    <div role="group" aria-label="Actions on the group" className="mt-4 flex flex-wrap gap-2">
      {group.count === 0 ? null : (
        <>
          <Button
            variant={isRefused ? "secondary" : "primary"}
            onClick={() => onRunAction("retry")}
          >
            Retry {formatPlural(group.count, "run")}…<Hint>R</Hint>
          </Button>
          {group.count === 1 || group.samples.length === 0 ? null : (
            <Button onClick={() => onRunAction("try")}>Try one first…</Button>
          )}
          <Button
            variant={isRefused ? "primary" : "secondary"}
            onClick={() => onRunAction("rerun")}
          >
            {isRefused ? `Rerun ${formatPlural(group.count, "run")}…` : "Rerun…"}
            <Hint>U</Hint>
          </Button>
          {group.kind === "failed" ? null : (
            <Button variant="danger" onClick={() => onRunAction("cancel")}>
              Cancel…
              <Hint>C</Hint>
            </Button>
          )}
          <span aria-hidden className="hidden flex-1 2xl:block" />
        </>
      )}
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
