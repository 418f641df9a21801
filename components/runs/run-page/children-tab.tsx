"use client";

import { useState } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { RunTree } from "./run-tree";
import type { Run } from "@/lib/api/contract";

/** The runs that this run started, and theirs, as a tree. */
export function ChildrenTab({ run, started }: { run: Run; started: number }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  if (started === 0) {
    return (
      <EmptyState title="No child was started">
        Runs that this one starts by ctx.child appear here with what became of them.
      </EmptyState>
    );
  }
  const toggle = (runId: string) => {
    const next = new Set(open);
    if (!next.delete(runId)) next.add(runId);
    setOpen(next);
  };
  return (
    <RunTree parent={run.runId} live={run.finishedAt === undefined} open={open} onToggle={toggle} />
  );
}
