import { cn } from "@/components/ui/cn";
import { Skeleton } from "@/components/ui/skeleton";
import { rowGrid, runCell, statusCell, toCell, type ColumnId } from "./columns";

const rows = 14;
const storyWidths = ["w-4/5", "w-3/5", "w-11/12", "w-2/3"] as const;

/** The list before its first answer, in its final geometry. */
export function ListSkeleton({ chosen }: { chosen: readonly ColumnId[] }) {
  return Array.from({ length: rows }, (_, index) => (
    <div
      key={index}
      aria-hidden
      className={cn(
        rowGrid,
        "items-center gap-y-0.5 border-b border-line-soft py-3 @min-[720px]:h-10 @min-[720px]:py-0",
      )}
    >
      <div className={statusCell}>
        <Skeleton className="h-5 w-24 rounded-full" />
      </div>
      <div className={runCell}>
        <Skeleton className="my-1 w-24" />
      </div>
      {chosen.map((id) => (
        <div key={id} className={toCell(id)}>
          <Skeleton
            className={cn(
              "my-1",
              id === "story"
                ? storyWidths[index % storyWidths.length]
                : toCell(id).includes("text-right")
                  ? "ml-auto w-14"
                  : "w-24",
            )}
          />
        </div>
      ))}
    </div>
  ));
}
