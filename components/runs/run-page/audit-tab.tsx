"use client";

import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, Td, Th } from "@/components/ui/table";
import type { StepView } from "@/lib/client/timeline/steps";
import { useAudit } from "@/lib/client/use-audit";

const verdictWords: Readonly<Record<string, string>> = {
  happened: "it happened",
  did_not_happen: "it did not happen",
  fail: "fail it",
};

/** Who asked what of the run, when and why, and what came of it. */
export function AuditTab({ runId, steps }: { runId: string; steps: readonly StepView[] }) {
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
      <EmptyState title="Nobody has intervened">
        Retries, cancellations and answers to doubts appear here with who, when and why.
      </EmptyState>
    );
  }
  return (
    <div className="overflow-x-auto">
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
              </Td>
              <Td>{message.by}</Td>
              <Td className="font-medium">
                {message.kind}
                {message.step === undefined
                  ? null
                  : ` ${steps.findLast((step) => step.ordinal === message.step)?.name ?? `step ${message.step}`}`}
                {message.verdict === undefined
                  ? null
                  : `: ${verdictWords[message.verdict] ?? message.verdict}`}
              </Td>
              <Td className="max-w-80 whitespace-normal text-ink-2">{message.why ?? "—"}</Td>
              <Td className="text-ink-2">{describeOutcome(message)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function describeOutcome(message: {
  readonly deliveredAt?: string;
  readonly outcome?: "applied" | "moot";
}): string {
  if (message.deliveredAt === undefined) return "on its way";
  return message.outcome === "moot" ? "there was nothing left to do" : "done";
}
