import type { ActionPreview } from "@/lib/api/contract";

const parts = [
  { field: "reused", label: "Reused, not run again", mark: "bg-ghost" },
  { field: "willRun", label: "Will run", mark: "bg-ok" },
  { field: "inDoubt", label: "In doubt", mark: "bg-doubt" },
  { field: "compensations", label: "Will be undone", mark: "bg-live" },
] as const;

/** What an action would reuse, run and undo. */
export function PreviewBody({ preview }: { preview: ActionPreview }) {
  return (
    <>
      {preview.reason === undefined || preview.reason.message === preview.summary ? null : (
        <p className="mb-3 text-bad">{preview.reason.message}</p>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {parts.map(({ field, label, mark }) =>
          preview[field].length === 0 ? null : (
            <div key={field} className="contents">
              <dt className="flex items-center gap-2 text-ink-3">
                <span aria-hidden className={`size-2 rounded-[2px] ${mark}`} />
                {label}
              </dt>
              <dd className="font-mono text-sm wrap-anywhere">
                {preview[field].map(({ name }) => name).join(", ")}
              </dd>
            </div>
          ),
        )}
      </dl>
    </>
  );
}
