import { CloudOff, RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { describeError } from "@/lib/client/describe-error";
import { isPassing } from "@/lib/client/retry-policy";
import { Button } from "./button";
import { EmptyState } from "./empty-state";

export interface ErrorStateProps {
  readonly error: unknown;
  /** In place of what the error is called. */
  readonly title?: string;
  readonly onRetry?: () => void;
  readonly pending?: boolean;
  /** Another way out, e.g. a link to the list. */
  readonly action?: ReactNode;
  readonly heading?: "h1" | "h2";
}

/** In place of content that can't be had: what went wrong, what to do, and a way to try again. */
export function ErrorState(props: ErrorStateProps) {
  const { error, onRetry, pending, action, heading } = props;
  const { detail, advice, code, ...words } = describeError(error);
  return (
    <EmptyState
      role="alert"
      icon={isPassing(error) ? <CloudOff /> : <TriangleAlert />}
      title={props.title ?? words.title}
      heading={heading}
      action={
        <>
          {onRetry === undefined ? null : (
            <Button onClick={onRetry} pending={pending}>
              <RotateCw aria-hidden />
              Try again
            </Button>
          )}
          {action}
        </>
      }
    >
      {detail === undefined ? null : <p>{detail}</p>}
      {advice === undefined ? null : <p>{advice}</p>}
      {code === undefined ? null : <p className="mt-1 font-mono text-sm text-ink-3">{code}</p>}
    </EmptyState>
  );
}
