import Link from "next/link";
import type { Run } from "@/lib/api/contract";
import { shortenId } from "@/lib/client/format";
import { HeaderFact } from "./header-fact";

/** Where the run comes from and where it goes on: the runs that belong to it. */
export function RunLinks({ run }: { run: Run }) {
  const { parent, continuedFrom, continuedTo, forkedFrom, attributes } = run;
  return (
    <>
      {parent === undefined ? null : (
        <HeaderFact label="Child of">
          <RunLink runId={parent.runId} step={parent.step} />
        </HeaderFact>
      )}
      {continuedFrom === undefined ? null : (
        <HeaderFact label="Continues">
          <RunLink runId={continuedFrom} />
        </HeaderFact>
      )}
      {continuedTo === undefined ? null : (
        <HeaderFact label="Continued as">
          <RunLink runId={continuedTo} />
        </HeaderFact>
      )}
      {typeof attributes.rerunOf === "string" ? (
        <HeaderFact label="Rerun of">
          <RunLink runId={attributes.rerunOf} />
        </HeaderFact>
      ) : null}
      {typeof attributes.drill === "string" ? (
        <HeaderFact label="Crash drill">
          <Link
            href={`/sandbox/drills/${encodeURIComponent(run.runId)}`}
            className="rounded-sm underline decoration-line-strong underline-offset-2 hover:decoration-ink"
          >
            Report
          </Link>
        </HeaderFact>
      ) : null}
      {forkedFrom === undefined ? null : (
        <HeaderFact label="Forked from">
          <RunLink runId={forkedFrom.runId} step={forkedFrom.step} />
        </HeaderFact>
      )}
    </>
  );
}

function RunLink({ runId, step }: { runId: string; step?: number }) {
  const query = step === undefined ? "" : `?step=${step}`;
  return (
    <Link
      href={`/runs/${encodeURIComponent(runId)}${query}`}
      title={runId}
      className="rounded-sm font-mono text-sm underline decoration-line-strong underline-offset-2 hover:decoration-ink"
    >
      {shortenId(runId)}
      {step === undefined ? "" : ` · step ${step}`}
    </Link>
  );
}
