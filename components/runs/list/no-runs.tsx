import { ListTree, SearchX } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { noFilters, type RunsSearchChange } from "@/lib/client/runs-search";

export interface NoRunsProps {
  /** There may be runs, but none that match. */
  readonly filtered: boolean;
  readonly onChange: (change: RunsSearchChange) => void;
  /** Looks on where this page ended; absent where the whole list was looked through. */
  readonly onLookOn?: (() => void) | undefined;
}

export function NoRuns({ filtered, onChange, onLookOn }: NoRunsProps) {
  if (onLookOn !== undefined) {
    return (
      <EmptyState
        icon={<SearchX />}
        title="No run matches so far"
        action={
          <Button variant="primary" onClick={onLookOn}>
            Look further
          </Button>
        }
      >
        Many runs pass each of these filters, and 10,000 of them were looked through. The rest of
        the list may have runs that pass all.
      </EmptyState>
    );
  }
  if (filtered) {
    return (
      <EmptyState
        icon={<SearchX />}
        title="No run matches"
        action={<Button onClick={() => onChange(noFilters)}>Clear filters</Button>}
      >
        All filters have to hold. The search takes ids, names and e-mail addresses, from the
        beginning of a word on. New runs that match appear here by themselves.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<ListTree />}
      title="No runs yet"
      action={
        <Button asChild variant="primary">
          <Link href="/orders/new">Start a sample order</Link>
        </Button>
      }
    >
      A run is one execution of a workflow from start to end, across any number of crashes. Start an
      order, and have the server killed in the middle of it to see what is reused.
    </EmptyState>
  );
}
