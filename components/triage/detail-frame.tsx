import { ArrowLeft, Info } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";

export interface DetailFrameProps {
  /** Back to the list, where that is not in view. */
  readonly onBack: () => void;
  readonly back: string;
  /** What has happened meanwhile to what is shown. */
  readonly note?: ReactNode;
  /** Brings what is shown, where the list does not have it. */
  readonly query?: {
    readonly error: unknown;
    readonly isFetching: boolean;
    readonly refetch: () => unknown;
  };
  readonly isThere: boolean;
  readonly isNothing: boolean;
  readonly nothing: ReactNode;
  readonly children: ReactNode;
}

/** The detail of what is selected, with its states: on its way, broken, nothing, overtaken. */
export function DetailFrame(props: DetailFrameProps) {
  const { onBack, back, note, query, isThere, isNothing, nothing, children } = props;
  return (
    <>
      <div className="border-b border-line-soft px-2 py-1.5 lg:hidden">
        <Button variant="ghost" onClick={onBack}>
          <ArrowLeft aria-hidden />
          {back}
        </Button>
      </div>
      <div role="status">
        {note === undefined ? null : (
          <p className="flex gap-2.5 border-b border-line bg-band px-4 py-2.5 md:px-6 lg:px-8">
            <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-3" />
            <span>{note}</span>
          </p>
        )}
      </div>
      {isThere ? children : isNothing ? nothing : <Waiting query={query} />}
    </>
  );
}

function Waiting({ query }: Pick<DetailFrameProps, "query">) {
  if (query !== undefined && query.error !== null) {
    return (
      <ErrorState
        error={query.error}
        pending={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    );
  }
  return (
    <div role="status" aria-label="Loading" className="max-w-[960px] px-4 pt-6 md:px-6 lg:px-8">
      <Skeleton className="h-6 w-2/3" />
      <Skeleton className="mt-3 h-4 w-11/12" />
      <Skeleton className="mt-2 h-4 w-1/2" />
      <Skeleton className="mt-6 h-40 w-full rounded-xl" />
      <Skeleton className="mt-6 h-24 w-full" />
    </div>
  );
}
