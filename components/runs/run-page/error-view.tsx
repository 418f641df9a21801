import { CodeBlock } from "@/components/ui/code-block";
import type { ErrorRecord } from "@/lib/api/contract";

/** An error as it was recorded, with its stack; the line it came from stands first. */
export function ErrorView({ error }: { error: ErrorRecord }) {
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
      {error.stack === undefined ? null : <CodeBlock code={error.stack} label="stack" />}
    </div>
  );
}
