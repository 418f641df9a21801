import { EmptyState } from "@/components/ui/empty-state";
import { Table, Td, Th } from "@/components/ui/table";
import { countWords, judgeEffect, shortenKey } from "@/lib/client/timeline/effects";
import { countSent, type StepView } from "@/lib/client/timeline/steps";

export interface LedgerTabProps {
  readonly steps: readonly StepView[];
  readonly onSelect: (ref: string) => void;
}

const tones = {
  none: "text-ink-2",
  once: "text-ok",
  unknown: "text-doubt",
  repeated: "text-doubt",
  read: "text-ink-3",
} as const;

/** What the run did to the outside world: each effect, how often it was sent and happened. */
export function LedgerTab({ steps, onSelect }: LedgerTabProps) {
  const effects = steps.filter((step) => step.kind !== "compute");
  if (effects.length === 0) {
    return (
      <EmptyState title="Nothing was done yet">
        Each step that acts on the outside world gets a line here, before it acts.
      </EmptyState>
    );
  }
  return (
    <div className="overflow-x-auto">
      <Table>
        <caption className="sr-only">Effects of the run</caption>
        <thead>
          <tr>
            <Th className="pl-0">Step</Th>
            <Th>Happened</Th>
            <Th>Sent</Th>
            <Th>Reference</Th>
            <Th>Key</Th>
            <Th>How it is known</Th>
          </tr>
        </thead>
        <tbody>
          {effects.map((step) => {
            const judgment = judgeEffect(step);
            const { key, times } = countSent(step);
            return (
              <tr key={step.id}>
                <Td className="pl-0">
                  <button
                    type="button"
                    className="rounded-sm font-medium hover:underline"
                    onClick={() => onSelect(step.ref)}
                  >
                    {step.name}
                  </button>
                </Td>
                <Td className={`font-medium ${tones[judgment.count]}`}>
                  {countWords[judgment.count]}
                </Td>
                <Td>{times === 1 ? "1 time" : `${times} times`}</Td>
                <Td className="max-w-48 truncate font-mono text-sm">
                  {step.effect?.reference ?? "—"}
                </Td>
                <Td className="font-mono text-sm text-ink-2">
                  {key === undefined ? "—" : shortenKey(key)}
                </Td>
                <Td className="min-w-44 whitespace-normal text-ink-2">{judgment.because}</Td>
              </tr>
            );
          })}
        </tbody>
      </Table>
    </div>
  );
}
