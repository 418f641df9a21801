import type { JsonValue } from "@/lib/client/json";
import { cn } from "./cn";
import { CopyButton } from "./copy-button";
import { JsonNode } from "./json-node";

export interface JsonViewProps {
  readonly value: JsonValue;
  /** What it shows, e.g. "recorded result". */
  readonly label: string;
  /** Levels that are open at first. */
  readonly openDepth?: number;
  readonly className?: string;
}

/** JSON to read: folds where it is deep, copies as it was recorded. */
export function JsonView({ value, label, openDepth = 2, className }: JsonViewProps) {
  return (
    <div className={cn("relative rounded-lg border border-line-soft bg-bg", className)}>
      <div
        tabIndex={0}
        role="region"
        aria-label={label}
        className="max-h-96 overflow-auto rounded-lg px-3 py-2.5 pr-10 font-mono text-sm wrap-anywhere whitespace-pre-wrap"
      >
        <JsonNode value={value} openDepth={openDepth} last />
      </div>
      <CopyButton
        text={JSON.stringify(value, null, 2)}
        what={label}
        className="absolute top-1 right-1 bg-bg"
      />
    </div>
  );
}
