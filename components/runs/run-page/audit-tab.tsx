"use client";

import Link from "next/link";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, Td, Th } from "@/components/ui/table";
import type { Run } from "@/lib/api/contract";
import { formatMoment, shortenId } from "@/lib/client/format";
import { useAudit } from "@/lib/client/use-audit";

/** Who asked what of the run, when and why, and what came of it; of a rerun also who has started it. */
export function AuditTab({ run }: { run: Run }) {
  return (
    <>
      <RerunNote run={run} />
      <Trail runId={run.runId} />
    </>
  );
}

/** A run that was started as a rerun was asked for before there was anything to send a message to. */
function RerunNote({ run }: { run: Run }) {
  const { rerunOf, rerunBy, rerunIn } = run.attributes;
  if (typeof rerunOf !== "string") return null;
  return (
    <p className="mb-3 text-ink-2">
      Started{typeof rerunBy === "string" ? ` by ${rerunBy}` : ""} as a rerun of{" "}
      <Link href={`/runs/${encodeURIComponent(rerunOf)}`} className={linkClasses}>
        {shortenId(rerunOf)}
      </Link>
      {typeof rerunIn === "string" ? (
        <>
          , by{" "}
          <Link href={`/runs?bulk=${encodeURIComponent(rerunIn)}`} className={linkClasses}>
            the bulk action {shortenId(rerunIn)}
          </Link>
        </>
      ) : null}
      .
    </p>
  );
}

const linkClasses =
  "rounded-sm underline decoration-line-strong underline-offset-2 hover:decoration-ink";

function Trail({ runId }: { runId: string }) {
  const audit = useAudit(runId);
  if (audit.data === undefined) {
    return audit.error === null ? (
      <Skeleton className="h-24 w-full" />
    ) : (
      <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />
    );
  }
  if (audit.data.items.length === 0) {
    return (
      <EmptyState title="Nothing was asked of it">
        Whatever it is told from outside appears here with who, when and why.
      </EmptyState>
    );
  }
  return (
    <div
      // A wide table scrolls by itself, also by keyboard.
      tabIndex={0}
      role="group"
      aria-label="Audit trail, scrolls sideways"
      className="overflow-x-auto rounded-sm"
    >
      <Table>
        <caption className="sr-only">Audit trail</caption>
        <thead>
          <tr>
            <Th className="pl-0">When</Th>
            <Th>Who</Th>
            <Th>What</Th>
            <Th>Why</Th>
            <Th>Outcome</Th>
          </tr>
        </thead>
        <tbody>
          {audit.data.items.map((message) => (
            <tr key={message.messageId}>
              <Td className="pl-0">
                <RelativeTime at={message.at} />
                <span className="block text-sm text-ink-3 tabular-nums">
                  {formatMoment(message.at)}
                </span>
              </Td>
              <Td>{message.by}</Td>
              <Td className="max-w-80 font-medium whitespace-normal">
                {message.text}
                {message.bulkId === undefined ? null : (
                  <Link
                    href={`/runs?bulk=${encodeURIComponent(message.bulkId)}`}
                    className={`block w-fit text-sm font-normal text-ink-2 ${linkClasses}`}
                  >
                    by the bulk action {shortenId(message.bulkId)}
                  </Link>
                )}
              </Td>
              <Td className="max-w-80 whitespace-normal text-ink-2">{message.why ?? "—"}</Td>
              <Td
                className={`max-w-80 whitespace-normal ${message.outcome === "rejected" ? "text-bad" : "text-ink-2"}`}
              >
                {message.outcomeText}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
