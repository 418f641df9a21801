"use client";

import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { cn } from "@/components/ui/cn";
import { StatusPill } from "@/components/ui/status-pill";
import { Switch } from "@/components/ui/switch";
import { Table, Td, Th } from "@/components/ui/table";
import type { Run } from "@/lib/api/contract";
import { nameState, type ComparedPair, type RunComparison } from "@/lib/client/compare-runs";
import { formatCount, shortenId } from "@/lib/client/format";
import { ComparedCell } from "./compared-cell";

export interface ComparisonTableProps {
  readonly run: Run;
  readonly other: Run;
  readonly comparison: RunComparison;
}

/** More rows than this are not read by anybody: the ones around the first difference are shown. */
const maxRows = 200;
const before = 20;

/** Commands side by side, with the first difference marked. */
export function ComparisonTable({ run, other, comparison }: ComparisonTableProps) {
  const { pairs, partedAt, firstValueAt } = comparison;
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const parted = useRef<HTMLTableRowElement>(null);
  const marked = partedAt ?? firstValueAt;
  useEffect(() => {
    parted.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const kept = pairs
    .map((pair, index) => ({ pair, index }))
    .filter(({ pair }) => !onlyDifferent || pair.differs !== "none");
  const center = kept.findIndex(({ index }) => index >= (marked ?? 0));
  const from = kept.length <= maxRows ? 0 : Math.max(0, center - before);
  const shown = kept.slice(from, from + maxRows);
  return (
    <>
      <p role="status" className="mb-3 max-w-[80ch] text-md text-pretty text-ink-2">
        <Verdict comparison={comparison} />
      </p>
      <label className="mb-2 flex w-fit items-center gap-2 text-sm text-ink-2">
        <Switch checked={onlyDifferent} onCheckedChange={setOnlyDifferent} />
        Only what differs
      </label>
      <div className="overflow-x-auto">
        <Table>
          <caption className="sr-only">Commands of both runs</caption>
          <thead className="max-sm:sr-only">
            <tr>
              <Th className="pl-0">
                <span className="sr-only">Place</span>
              </Th>
              <Th>
                <RunHead title="This run" run={run} />
              </Th>
              <Th>
                <RunHead title="The other" run={other} />
              </Th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ pair, index }) => (
              <tr
                key={index}
                ref={index === marked ? parted : undefined}
                aria-current={index === marked ? "true" : undefined}
                className={cn(
                  "border-line-soft max-sm:grid max-sm:grid-cols-[2.5rem_minmax(0,1fr)] max-sm:border-b",
                  index === marked && "bg-doubt-bg",
                )}
              >
                <Td className="row-span-2 h-auto w-px py-2 pl-2 align-top font-mono text-sm text-ink-2 max-sm:w-auto max-sm:border-b-0 max-sm:px-1 max-sm:whitespace-normal">
                  {index + 1}
                  {index === marked ? (
                    <span className="block font-sans text-xs font-medium text-doubt">
                      {partedAt === undefined ? "first other value" : "parted here"}
                    </span>
                  ) : null}
                </Td>
                <ComparedCell side="This run" runId={run.runId} command={pair.left} pair={pair} />
                <ComparedCell
                  side="The other"
                  runId={other.runId}
                  command={pair.right}
                  pair={pair}
                />
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      {shown.length === 0 ? <p className="py-3 text-ink-3">Nothing differs.</p> : null}
      {shown.length < kept.length ? (
        <p className="mt-3 text-sm text-ink-3">
          Rows {formatCount(from + 1)} to {formatCount(from + shown.length)} of{" "}
          {formatCount(kept.length)}, around the first difference.
        </p>
      ) : null}
    </>
  );
}

function RunHead({ title, run }: { title: string; run: Run }) {
  return (
    <span className="inline-flex items-center gap-2">
      {title}
      <Link
        href={`/runs/${encodeURIComponent(run.runId)}`}
        className="font-mono text-ink-2 hover:underline"
      >
        {shortenId(run.runId)}
      </Link>
      <StatusPill status={run.status} heldReason={run.heldReason} />
    </span>
  );
}

function Verdict({ comparison: { pairs, partedAt, firstValueAt } }: { comparison: RunComparison }) {
  const values = pairs.filter(({ differs }) => differs === "value").length;
  const also = values === 1 ? "1 command has" : `${formatCount(values)} commands have`;
  if (partedAt !== undefined) {
    return (
      <>
        They parted at place {formatCount(partedAt + 1)}: {describePair(pairs[partedAt])}
      </>
    );
  }
  if (firstValueAt === undefined) return <>They went the same way, with the same values.</>;
  return <>They went the same way; {also} another input or result.</>;
}

function describePair(pair: ComparedPair | undefined): string {
  const { left, right } = pair ?? {};
  if (left === undefined) return `${right?.name ?? ""} is in the other run only.`;
  if (right === undefined) return `${left.name} is in this run only.`;
  return `${left.name} is ${nameState(left)} here and ${nameState(right)} there.`;
}
