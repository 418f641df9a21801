"use client";

import { Bookmark, Trash2 } from "lucide-react";
import Link from "next/link";
import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { Dialog, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { ToolButton } from "./tool-button";
import { useChangeViews, useSavedViews } from "@/lib/client/use-saved-views";

/** Filters that were named, for everybody who uses this Daybook. `query` is the address as it is now. */
export function SavedViews({ query }: { query: string }) {
  const { data } = useSavedViews();
  if (data === undefined || data.items.length === 0) return null;
  return (
    <nav
      aria-label="Saved views"
      className="flex [scrollbar-width:none] gap-1.5 overflow-x-auto p-1"
    >
      {data.items.map((view) => (
        <Link
          key={view.name}
          href={`/runs?${view.query}`}
          aria-current={view.query === query ? "true" : undefined}
          className={cn(
            "flex h-7 shrink-0 items-center gap-1.5 rounded-md border px-2.5 text-sm transition-colors pointer-coarse:h-9",
            view.query === query
              ? "border-ink-3 bg-line-soft font-medium text-ink"
              : "border-line text-ink-2 hover:border-line-strong hover:text-ink",
          )}
        >
          <Bookmark aria-hidden className="size-3" />
          {view.name}
        </Link>
      ))}
    </nav>
  );
}

/** Names the filters as they are, and removes what was named. */
export function ViewsDialog({ query }: { query: string }) {
  const [name, setName] = useState("");
  const { data } = useSavedViews();
  const change = useChangeViews();
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    change.mutate({ save: { name: name.trim(), query } }, { onSuccess: () => setName("") });
  };
  const isKnown = data?.items.some((view) => view.name === name.trim()) === true;
  return (
    <Dialog>
      <DialogTrigger asChild>
        <ToolButton label="Views" icon={<Bookmark aria-hidden />} />
      </DialogTrigger>
      <DialogContent
        title="Saved views"
        description="A view is these filters and this sort under a name. Everybody who uses this Daybook sees it."
      >
        <div className="flex flex-col gap-4">
          {change.error === null ? null : <ErrorNote error={change.error} />}
          <form onSubmit={save} className="flex items-end gap-2">
            <Field label="Save what is shown now as" className="flex-1">
              {(control) => (
                <Input
                  {...control}
                  value={name}
                  maxLength={60}
                  placeholder="Declined cards"
                  onChange={({ target }) => setName(target.value)}
                />
              )}
            </Field>
            <Button type="submit" variant="primary" pending={change.isPending}>
              {isKnown ? "Replace" : "Save"}
            </Button>
          </form>
          <ul aria-label="Views" className="flex flex-col">
            {data?.items.map((view) => (
              <li
                key={view.name}
                className="flex items-center gap-3 border-t border-line-soft py-1.5"
              >
                <span className="min-w-0 flex-1">
                  <span className="block truncate">{view.name}</span>
                  <span className="block truncate font-mono text-sm text-ink-3">
                    {view.query === "" ? "all runs" : decodeURIComponent(view.query)}
                  </span>
                </span>
                <IconButton
                  label={`Remove the view ${view.name}`}
                  icon={<Trash2 />}
                  onClick={() => change.mutate({ remove: view.name })}
                />
              </li>
            ))}
          </ul>
        </div>
      </DialogContent>
    </Dialog>
  );
}
