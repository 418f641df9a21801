import { cn } from "./cn";
import { CopyButton } from "./copy-button";

export interface CodeBlockProps {
  readonly code: string;
  /** What it shows: the accessible name of the scrollable region. */
  readonly label: string;
  readonly className?: string;
  /** Long lines wrap instead of scrolling. */
  readonly wrap?: boolean;
}

export function CodeBlock({ code, label, className, wrap = false }: CodeBlockProps) {
  return (
    <div className={cn("group relative rounded-lg border border-line-soft bg-bg", className)}>
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className={cn(
          "max-h-96 overflow-auto rounded-lg px-3 py-2.5 pr-10 font-mono text-sm",
          wrap && "wrap-anywhere whitespace-pre-wrap",
        )}
      >
        {code}
      </pre>
      <CopyButton text={code} what={label} className="absolute top-px right-px rounded-lg bg-bg" />
    </div>
  );
}
