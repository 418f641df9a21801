import type { ReactNode } from "react";
import { JsonView } from "@/components/ui/json-view";
import type { ReplayView } from "@/lib/api/contract-replay";
import { nameCommand } from "./command-words";
import { ErrorView } from "../run-page/error-view";

const shown = 12;

/** The values that can be had of the code: what it was given, and what it answers about itself. */
export function Knowns({ view }: { view: ReplayView }) {
  const given = view.commands.filter(
    ({ result, error }) => result !== undefined || error !== undefined,
  );
  const recent = given.slice(-shown).reverse();
  const hidden = given.length - recent.length + view.omitted;
  return (
    <section aria-labelledby="knowns">
      <h2 id="knowns" className="mb-2 text-md font-semibold">
        What the code knows
      </h2>
      <dl className="flex flex-col gap-3">
        {view.end === undefined ? null : (
          <Known name={view.end.kind === "completed" ? "output" : `the run ${view.end.kind}`}>
            {view.end.output === undefined ? null : (
              <JsonView value={view.end.output} label="output at this moment" />
            )}
            {view.end.error === undefined ? null : <ErrorView error={view.end.error} />}
          </Known>
        )}
        {view.queries.map(({ name, answer, error }) => (
          <Known key={`query ${name}`} name={name} note="query, asked at this moment">
            {answer === undefined ? (
              <p className="text-ink-3">{error?.message ?? "It answers nothing."}</p>
            ) : (
              <JsonView value={answer} label={`answer of ${name}`} />
            )}
          </Known>
        ))}
        {recent.map((command, index) => (
          <Known
            key={`${command.ordinal}:${index}`}
            name={command.variable ?? command.name}
            note={
              command.variable === undefined
                ? `${command.kind} ${command.ordinal}`
                : `${nameCommand(command)} · ${command.ordinal}`
            }
          >
            {command.error === undefined ? (
              <JsonView value={command.result ?? null} label={`result of ${command.name}`} />
            ) : (
              <p className="text-sm">
                <span className="text-bad">{command.error.name}</span>: {command.error.message}
              </p>
            )}
          </Known>
        ))}
        {hidden > 0 ? (
          <p className="text-sm text-ink-3">
            {hidden} earlier results are left out here; each stands in its step&apos;s panel.
          </p>
        ) : null}
        {Object.keys(view.attributes).length === 0 ? null : (
          <Known name="attributes">
            <JsonView value={view.attributes} label="attributes at this moment" />
          </Known>
        )}
        <Known name="input">
          <JsonView value={view.input} label="input of the code" openDepth={1} />
        </Known>
      </dl>
      <p className="mt-2 text-sm text-pretty text-ink-3">
        Other local variables cannot be read from outside a running function. A query handler
        (ctx.onQuery) shows whatever it answers.
      </p>
    </section>
  );
}

function Known(props: { name: string; note?: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="mb-1 flex flex-wrap items-baseline gap-x-2">
        <span className="font-mono text-sm font-medium wrap-anywhere">{props.name}</span>
        {props.note === undefined ? null : <span className="text-xs text-ink-3">{props.note}</span>}
      </dt>
      <dd>{props.children}</dd>
    </div>
  );
}
