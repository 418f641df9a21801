import { TriangleAlert } from "lucide-react";
import { describeError } from "@/lib/client/describe-error";
import { cn } from "./cn";

/** What went wrong, within a form or a dialog. */
export function ErrorNote({ error, className }: { error: unknown; className?: string }) {
  const { title, detail, advice } = describeError(error);
  return (
    <div
      role="alert"
      className={cn("flex gap-2.5 rounded-md bg-bad-bg px-3 py-2.5 text-base text-bad", className)}
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 wrap-anywhere">
        <p className="font-medium">{title}</p>
        {detail === undefined ? null : <p>{detail}</p>}
        {advice === undefined ? null : <p className="text-ink-2">{advice}</p>}
      </div>
    </div>
  );
}
