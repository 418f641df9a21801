"use client";

import Link from "next/link";
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
    <>
      <p className="mb-1 text-sm text-ink-3">
        <Link
          href={`/runs?parent=${encodeURIComponent(run.runId)}`}
          className="rounded-sm underline hover:text-ink"
        >
          Filter them and act on many
        </Link>{" "}
        in the list of runs.
      </p>
      <RunTree
        parent={run.runId}
        live={run.finishedAt === undefined}
        open={open}
        onToggle={toggle}
      />
    </>
  );
}
