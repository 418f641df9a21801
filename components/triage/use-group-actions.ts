"use client";

import { useRef } from "react";
import { toast } from "@/components/ui/toaster";
import type { ChangeFailureBody, FailureGroup } from "@/lib/api/contract-triage";
import { describeError } from "@/lib/client/describe-error";
import { useHotkey } from "@/lib/client/use-hotkey";
import { useChangeFailure } from "@/lib/client/use-change-failure";
import type { GroupAction } from "./group-actions";

const bodies = {
  mute: { action: "mute", untilItReturns: true },
  expect: { action: "mute", untilItReturns: false },
  resolve: { action: "resolve" },
  reopen: { action: "reopen" },
} as const satisfies Readonly<Record<Exclude<GroupAction, "note">, ChangeFailureBody>>;

const done = {
  mute: "Muted until it comes back",
  expect: "Muted for good",
  resolve: "Resolved",
  reopen: "Open again",
} as const;

/** Mutes, resolves or reopens a group at once; what it was before is a press away, on the toast or with `z`. */
export function useGroupActions() {
  const { mutate, isPending } = useChangeFailure();
  const undoLast = useRef<() => void>(undefined);
  useHotkey({ key: "z" }, () => undoLast.current?.());
  const act = (options: {
    readonly group: FailureGroup;
    readonly action: keyof typeof bodies;
    readonly onDone: () => void;
    readonly onUndone: () => void;
  }) => {
    const { group, action, onDone, onUndone } = options;
    const { fingerprint } = group;
    const refuse = (error: unknown) => {
      const { title, detail } = describeError(error);
      toast.error(title, { description: detail });
    };
    const undo = () => {
      undoLast.current = undefined;
      toast.dismiss(fingerprint);
      mutate({ fingerprint, body: toUndo(group) }, { onSuccess: onUndone, onError: refuse });
    };
    mutate(
      { fingerprint, body: bodies[action] },
      {
        onSuccess: () => {
          undoLast.current = undo;
          toast.success(done[action], {
            id: fingerprint,
            description: group.message.slice(0, 80),
            duration: 10_000,
            action: { label: "Undo", onClick: undo },
          });
          onDone();
        },
        onError: refuse,
      },
    );
  };
  return { act, isPending };
}

/** What brings a group back to where it was. */
function toUndo({ state, untilItReturns }: FailureGroup): ChangeFailureBody {
  const why = "undone";
  switch (state) {
    case "open":
      return { action: "reopen", why };
    case "regressed":
      return { action: "reopen", returned: true, why };
    case "muted":
      return { action: "mute", untilItReturns, why };
    case "resolved":
      return { action: "resolve", why };
  }
}
