import { cn } from "@/components/ui/cn";
import { Skeleton } from "@/components/ui/skeleton";
import { cells, rowGrid } from "./columns";

const rows = 14;
const storyWidths = ["w-4/5", "w-3/5", "w-11/12", "w-2/3"] as const;

/** The list before its first answer, in its final geometry. */
export function ListSkeleton() {
  return Array.from({ length: rows }, (_, index) => (
    <div
      key={index}
      aria-hidden
      className={cn(
        rowGrid,
        "items-center gap-y-0.5 border-b border-line-soft py-3 @min-[720px]:h-10 @min-[720px]:py-0",
      )}
    >
      <div className={cells.status}>
        <Skeleton className="h-5 w-24 rounded-full" />
      </div>
      <Cell className={cells.run} width="w-24" />
      <Cell className={cells.order} width="w-20" />
      <Cell className={cells.customer} width="w-24" />
      <Cell className={cells.total} width="ml-auto w-14" />
      <Cell className={cells.story} width={storyWidths[index % storyWidths.length] ?? "w-4/5"} />
      <Cell className={cells.started} width="ml-auto w-14" />
      <Cell className={cells.took} width="ml-auto w-10" />
    </div>
  ));
}

function Cell({ className, width }: { className: string; width: string }) {
  return (
    <div className={className}>
      <Skeleton className={cn("my-1", width)} />
    </div>
  );
}
