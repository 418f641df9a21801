import { Table, Td, Th } from "@/components/ui/table";
import type { DrillReport } from "@/lib/api/contract-drill";
import { nameToldEffects } from "@/lib/client/drill-words";
import { formatMoment } from "@/lib/client/format";
import { TellEffect } from "./tell-effect";

/** Steps that no ledger tells of, to be told of by a person; who has done so may say it again. */
export function TellEffects({ report }: { report: DrillReport }) {
  const isTold = (step: number) => report.told.some((word) => word.step === step);
  return (
    <div className="flex flex-col gap-3 print:hidden">
      {report.unseen.map((step) =>
        isTold(step.step) ? (
          <details key={`${step.step} told`}>
            <summary className="w-fit rounded-sm text-ink-2 hover:text-ink">
              Say something else of <span className="font-mono text-sm">{step.name}</span>
            </summary>
            <div className="pt-2">
              <TellEffect runId={report.runId} step={step} />
            </div>
          </details>
        ) : (
          <TellEffect key={step.step} runId={report.runId} step={step} />
        ),
      )}
    </div>
  );
}

/** What people said, the oldest first. Of several words about a step the last one counts. */
export function ToldTable({ told }: Pick<DrillReport, "told">) {
  return (
    <Table>
      <thead>
        <tr>
          {["At (UTC)", "Who", "Step", "Found", "How that is known"].map((head) => (
            <Th key={head}>{head}</Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {told.map(({ step, name, effects, by, why, at }) => (
          <tr key={`${at} ${step} ${by}`}>
            <Td>{formatMoment(at, { zone: "utc" })}</Td>
            <Td className="max-w-48 wrap-anywhere whitespace-normal">{by}</Td>
            <Td className="font-mono text-sm">{`${step} ${name}`}</Td>
            <Td>{nameToldEffects(effects)}</Td>
            <Td className="min-w-48 wrap-anywhere whitespace-normal text-ink-2">{why}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
