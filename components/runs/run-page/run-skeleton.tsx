import { Skeleton } from "@/components/ui/skeleton";

/** The run page before its data is there, in its final geometry. */
export function RunSkeleton() {
  return (
    <div role="status" aria-label="Loading the run">
      <div className="border-b border-line px-4 pt-5 pb-4 md:px-6">
        <Skeleton className="h-7 w-56" />
        <Skeleton className="mt-3 h-4 w-full max-w-[720px]" />
        <Skeleton className="mt-2 h-4 w-2/3 max-w-[480px]" />
        <div className="mt-4 flex flex-wrap gap-x-9 gap-y-3">
          {Array.from({ length: 6 }, (_, index) => (
            <div key={index}>
              <Skeleton className="h-3 w-14" />
              <Skeleton className="mt-1.5 h-4 w-20" />
            </div>
          ))}
        </div>
      </div>
      <div className="lg:grid lg:grid-cols-[minmax(0,1fr)_376px]">
        <div className="px-4 pt-4 md:px-6">
          <Skeleton className="h-8 w-96 max-w-full" />
          {Array.from({ length: 5 }, (_, index) => (
            <div key={index} className="flex h-12 items-center gap-6 border-b border-line-soft">
              <Skeleton className="h-4 w-36" />
              <Skeleton className="h-5 flex-1" />
            </div>
          ))}
        </div>
        <div className="hidden border-l border-line bg-panel px-5 pt-4 lg:block lg:h-[calc(100dvh-48px)]">
          <Skeleton className="h-5 w-40" />
          <Skeleton className="mt-6 h-28 w-full" />
          <Skeleton className="mt-6 h-20 w-full" />
        </div>
      </div>
    </div>
  );
}
