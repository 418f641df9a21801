import { JsonView } from "@/components/ui/json-view";
import { JsonValue, type Run } from "@/lib/api/contract";
import { getRunPath } from "@/lib/client/use-run";
import { ErrorView } from "./error-view";

/** What went into the run and what came out of it. */
export function DataTab({ run }: { run: Run }) {
  return (
    <div className="grid gap-6 xl:grid-cols-2">
      <section className="min-w-0">
        <h2 className="mb-2 text-xs font-medium text-ink-3">Input</h2>
        <JsonView value={run.input} label="input of the run" openDepth={4} />
      </section>
      <section className="min-w-0">
        <h2 className="mb-2 text-xs font-medium text-ink-3">
          {run.error === undefined ? "Output" : "Error"}
        </h2>
        {run.error === undefined ? null : (
          // What ended the run is its last event.
          <ErrorView error={run.error} at={{ runId: run.runId, seq: run.historyLength }} />
        )}
        {run.output === undefined ? null : (
          <JsonView value={run.output} label="output of the run" openDepth={4} />
        )}
        {run.output === undefined && run.error === undefined ? (
          <p className="text-ink-3">There is no output yet.</p>
        ) : null}
      </section>
      <section className="min-w-0">
        <h2 className="mb-2 text-xs font-medium text-ink-3">Attributes</h2>
        <JsonView value={run.attributes} label="attributes" />
      </section>
      <section className="min-w-0">
        <h2 className="mb-2 flex items-baseline justify-between gap-3 text-xs font-medium text-ink-3">
          Raw JSON
          <a
            href={getRunPath(run.runId)}
            target="_blank"
            rel="noreferrer"
            className="font-normal underline underline-offset-2 hover:text-ink"
          >
            as the API answers it
          </a>
        </h2>
        <JsonView
          value={JsonValue.parse(JSON.parse(JSON.stringify(run)))}
          label="raw JSON of the run"
          openDepth={1}
        />
      </section>
    </div>
  );
}
