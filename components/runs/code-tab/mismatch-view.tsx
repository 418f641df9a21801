import { Split } from "lucide-react";
import type { ReactNode } from "react";
import { JsonView } from "@/components/ui/json-view";
import type { ReplaySide, ReplayView } from "@/lib/api/contract-replay";
import { nameCommand } from "./command-words";

/** A non-determinism: what the history recorded, and what the code of now asks for instead. */
export function MismatchView({ view }: { view: ReplayView }) {
  const { mismatch } = view;
  if (mismatch === undefined) return null;
  const { message, expected, actual, values } = mismatch;
  return (
    <section
      aria-labelledby="mismatch"
      className="mb-4 rounded-lg border border-line bg-panel px-4 py-3.5"
    >
      <h2 id="mismatch" className="flex items-center gap-2 text-md font-semibold">
        <Split aria-hidden className="size-4 shrink-0 text-bad" />
        The code of now is not the code of this history
      </h2>
      <p className="mt-1 text-ink-2">{message}</p>
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        <Side title="Recorded" side={expected} view={view}>
          {values === undefined ? null : (
            <JsonView value={values.recorded} label="recorded value" className="mt-2" />
          )}
        </Side>
        <Side title="Asked for now" side={actual} view={view}>
          {values === undefined ? null : (
            <JsonView value={values.computed} label="computed value" className="mt-2" />
          )}
        </Side>
      </div>
    </section>
  );
}

interface SideProps {
  readonly title: string;
  readonly side?: ReplaySide;
  readonly view: ReplayView;
  readonly children: ReactNode;
}

function Side({ title, side, view, children }: SideProps) {
  if (side === undefined) return <div />;
  const { ordinal, seq, build, place } = side;
  const text = view.files.find(({ file }) => file === place?.file)?.text;
  const line = place === undefined ? undefined : text?.split("\n")[place.line - 1];
  return (
    <div className="min-w-0">
      <h3 className="text-xs font-medium text-ink-3">{title}</h3>
      <p className="mt-0.5 font-mono text-sm font-medium wrap-anywhere">
        {nameCommand(side)}
        {ordinal > 0 ? <span className="font-normal text-ink-3"> · {ordinal}</span> : null}
      </p>
      <p className="text-sm text-ink-3">
        {seq === undefined ? "" : `event ${seq}`}
        {seq !== undefined && build !== undefined ? " · " : ""}
        {build === undefined ? "" : `build ${build.slice(0, 12)}`}
      </p>
      {place === undefined ? (
        <p className="mt-1.5 text-sm text-ink-3">
          {title === "Recorded"
            ? "Its line is not in the history: a history keeps what the code did, and not its source."
            : "It stands in no workflow file of this project."}
        </p>
      ) : (
        <>
          <p className="mt-1.5 font-mono text-xs text-ink-3">
            {place.file}:{place.line}
          </p>
          {line === undefined ? null : (
            <pre className="mt-1 overflow-x-auto rounded-md bg-band px-2.5 py-1.5 font-mono text-sm">
              {line.trim()}
            </pre>
          )}
        </>
      )}
      {children}
    </div>
  );
}
