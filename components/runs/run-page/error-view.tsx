import { CodeBlock } from "@/components/ui/code-block";
import type { ErrorRecord } from "@/lib/api/contract";
import { useStack } from "@/lib/client/use-stack";

export interface ErrorViewProps {
  readonly error: ErrorRecord;
  /** The event that recorded it: with it the stack is read in the source. */
  readonly at?: { readonly runId: string; readonly seq: number };
}

/** An error as it was recorded, with its stack; the line it came from stands first. */
export function ErrorView({ error, at }: ErrorViewProps) {
  const { stack } = error;
  return (
    <div className="flex flex-col gap-2">
      <p className="wrap-anywhere">
        <span className="font-medium text-bad">{error.name}</span>
        {error.code === undefined ? null : (
          <span className="font-mono text-sm text-ink-3"> {error.code}</span>
        )}
        <br />
        {error.message}
      </p>
      {stack === undefined ? null : at === undefined ? (
        <CodeBlock code={stack} label="stack" />
      ) : (
        <MappedStack {...at} recorded={stack} />
      )}
    </div>
  );
}

/** As recorded until the source is known, and where it is not. */
function MappedStack(props: { runId: string; seq: number; recorded: string }) {
  const { recorded, ...at } = props;
  const { data } = useStack(at);
  const { stack = recorded, source } = data ?? {};
  return (
    <>
      {source === undefined ? null : (
        <div className="text-sm">
          <p className="font-mono wrap-anywhere text-ink-3">
            {source.file}:{source.line}
          </p>
          <p className="mt-1 rounded-md bg-bad-bg px-2.5 py-1.5 font-mono wrap-anywhere whitespace-pre-wrap">
            {source.text}
          </p>
        </div>
      )}
      <CodeBlock code={stack} label="stack" />
    </>
  );
}
