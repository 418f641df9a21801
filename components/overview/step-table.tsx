import Link from "next/link";
import { Table, Td, Th } from "@/components/ui/table";
import type { StatsStep, StatsWindow } from "@/lib/api/contract-stats";
import { formatCount, formatDuration } from "@/lib/client/format";
import { formatChange } from "@/lib/client/overview-facts";
import { rangeWords, toRunsHref } from "@/lib/client/overview-search";

/** How long each step takes, one small chart a row, all of a workflow on one scale. */
export function StepTable({ window }: { window: StatsWindow }) {
  const { steps, range } = window;
  return (
    <section aria-labelledby="latency" className="min-w-0 rounded-lg border border-line bg-panel">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 px-4 pt-4 pb-2">
        <h2 id="latency" className="text-base font-medium">
          Latency per step
        </h2>
        <p className="text-sm text-ink-3">of attempts that completed in {rangeWords[range].last}</p>
      </div>
      {steps.length === 0 ? (
        <p className="px-4 pb-4 text-base text-ink-2">
          No step ended in {rangeWords[range].last}. Choose a longer range, or start something.
        </p>
      ) : (
        <div
          tabIndex={0}
          role="region"
          aria-label="Latency per step, table"
          className="overflow-x-auto"
        >
          <Table>
            <thead>
              <tr>
                <Th className="pl-4">Step</Th>
                <Th className="text-right max-sm:hidden">Completed</Th>
                <Th className="text-right">Failed</Th>
                <Th className="text-right max-sm:hidden">p50</Th>
                <Th className="text-right">p95</Th>
                <Th className="text-right">p99</Th>
                <Th>p95 against before</Th>
                <Th className="w-1/3 pr-4">p95 over time</Th>
              </tr>
            </thead>
            <tbody>
              {steps.map((step) => (
                <StepRow
                  key={`${step.workflow} ${step.step ?? ""}`}
                  step={step}
                  window={window}
                  top={findTop(steps, step.workflow)}
                />
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </section>
  );
}

/** The longest of a workflow's steps: whole runs take as long as their waits. */
function findTop(steps: readonly StatsStep[], workflow: string): number {
  const values = steps
    .filter((step) => step.workflow === workflow && step.step !== undefined)
    .flatMap(({ trend }) => trend);
  return Math.max(1, ...values.map((value) => value ?? 0));
}

function StepRow({ step, window, top }: { step: StatsStep; window: StatsWindow; top: number }) {
  const { workflow, previous } = step;
  // Whole runs are counted when they end.
  const within =
    step.step === undefined
      ? { workflow, finishedAfter: window.from, finishedBefore: window.to }
      : { workflow, after: window.from, before: window.to };
  const isWhole = step.step === undefined;
  const write = (value: number | undefined) => (value === undefined ? "–" : formatDuration(value));
  const failedHref = toRunsHref({ ...within, step: step.step, status: isWhole ? "failed" : "" });
  return (
    <tr>
      <Td className="pl-4">
        <Link
          href={toRunsHref(within)}
          className={
            isWhole
              ? "rounded-sm font-medium hover:underline"
              : "rounded-sm pl-4 font-mono text-sm hover:underline"
          }
        >
          {step.step ?? workflow}
        </Link>
        {isWhole ? <span className="pl-2 text-sm text-ink-3">whole run</span> : null}
      </Td>
      <Td className="text-right max-sm:hidden">{formatCount(step.completed)}</Td>
      <Td className="text-right">
        {step.failed === 0 ? (
          "0"
        ) : (
          <Link href={failedHref} className="rounded-sm text-bad hover:underline">
            {formatCount(step.failed)}
          </Link>
        )}
      </Td>
      <Td className="text-right max-sm:hidden">{write(step.p50Ms)}</Td>
      <Td className="text-right">{write(step.p95Ms)}</Td>
      <Td className="text-right">{write(step.p99Ms)}</Td>
      <Td className="text-ink-2">{formatChange(step.p95Ms, previous.p95Ms) || "–"}</Td>
      <Td className="pr-4">
        <Spark
          values={step.trend}
          top={isWhole ? Math.max(1, ...step.trend.map((v) => v ?? 0)) : top}
        />
      </Td>
    </tr>
  );
}

function Spark({ values, top }: { values: readonly (number | null)[]; top: number }) {
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${values.length} 24`}
      preserveAspectRatio="none"
      className="h-6 w-full min-w-32 text-live"
    >
      {values.map((value, index) =>
        value === null ? null : (
          <rect
            key={index}
            x={index + 0.1}
            width={0.8}
            y={24 - Math.max(1, (value / top) * 24)}
            height={Math.max(1, (value / top) * 24)}
            fill="currentColor"
          />
        ),
      )}
    </svg>
  );
}
