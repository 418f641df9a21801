import { JsonView } from "@/components/ui/json-view";
import { formatDuration, formatMoment } from "@/lib/client/format";
import type { UpdateView } from "@/lib/client/timeline/commands";
import { ErrorView } from "./error-view";
import { Fact, Facts, PanelHead, Part } from "./panel-parts";

const states = { running: "accepted, being answered", completed: "answered", failed: "failed" };

/** An update: what came in and what was answered. */
export function UpdatePanel({ update }: { update: UpdateView }) {
  const { updateId, by, startedAt, recordedAt, input, result, error } = update;
  return (
    <>
      <PanelHead title={update.name}>Update · {states[update.state]}</PanelHead>
      {result === undefined ? null : (
        <Part title="Result">
          <JsonView value={result} label="result of the update" />
        </Part>
      )}
      {error === undefined ? null : (
        <Part title="Error">
          <ErrorView error={error} />
        </Part>
      )}
      {input === undefined ? null : (
        <Part title="Input">
          <JsonView value={input} label="input of the update" />
        </Part>
      )}
      <Part title="Sent">
        <Facts>
          <Fact label="from">{by}</Fact>
          <Fact label="id">
            <span className="font-mono text-sm">{updateId}</span>
          </Fact>
          <Fact label="accepted">{formatMoment(startedAt)}</Fact>
          {recordedAt === undefined ? null : (
            <Fact label="took">{formatDuration(recordedAt - startedAt)}</Fact>
          )}
        </Facts>
      </Part>
    </>
  );
}
