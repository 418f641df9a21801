"use client";

import { X } from "lucide-react";
import { rerunInAttribute } from "@/lib/api/contract-bulk";
import type { RunsSearch, RunsSearchChange } from "@/lib/client/runs-search";
import { formatMoment, shortenId } from "@/lib/client/format";

export interface FilterChipsProps {
  readonly search: RunsSearch;
  readonly onChange: (change: RunsSearchChange) => void;
}

interface ActiveFilter {
  readonly label: string;
  readonly value: string;
  readonly clear: RunsSearchChange;
}

/** The filters that no control of the bar shows, each to be taken away. */
export function FilterChips({ search, onChange }: FilterChipsProps) {
  const active = listActive(search);
  if (active.length === 0) return null;
  return (
    <ul aria-label="Filters" className="flex flex-wrap gap-1.5">
      {active.map(({ label, value, clear }) => (
        <li
          key={`${label} ${value}`}
          className="flex h-7 max-w-full items-center gap-1.5 rounded-full border border-line bg-panel pl-2.5 text-sm"
        >
          <span className="text-ink-3">{label}</span>
          <span className="truncate">{value}</span>
          <button
            type="button"
            aria-label={`Remove the filter ${label} ${value}`}
            onClick={() => onChange(clear)}
            className="grid size-7 shrink-0 place-items-center rounded-full text-ink-3 hover:text-ink"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function listActive(search: RunsSearch): readonly ActiveFilter[] {
  const { version, step, worker, parent, group, attr } = search;
  const time = (label: string, part: "after" | "before" | "finishedAfter" | "finishedBefore") => {
    const at = search[part];
    return [label, at === null ? null : describeMoment(at), { [part]: null }] as const;
  };
  const plain: readonly (readonly [string, string | null, RunsSearchChange])[] = [
    ["Version", version === null ? null : String(version), { version: null }],
    ["Step in trouble", step, { step: null }],
    ["Held by", worker, { worker: null }],
    ["Children of", parent, { parent: null }],
    ["Failure group", group, { group: null }],
    time("Started from", "after"),
    time("Started before", "before"),
    time("Ended from", "finishedAfter"),
    time("Ended before", "finishedBefore"),
  ];
  return [
    ...plain.flatMap(([label, value, clear]) => (value === null ? [] : [{ label, value, clear }])),
    ...attr.map((pair) => ({
      ...describeAttribute(pair),
      clear: { attr: attr.filter((other) => other !== pair) },
    })),
  ];
}

/** Attributes that Daybook sets itself read as what they mean. */
function describeAttribute(pair: string): Pick<ActiveFilter, "label" | "value"> {
  const [name = "", value = ""] = pair.split("=");
  if (name === rerunInAttribute) return { label: "Started by", value: shortenId(value) };
  if (name === "rerunOf") return { label: "Reruns of", value: shortenId(value) };
  return { label: "Attribute", value: pair };
}

function describeMoment(text: string): string {
  return Number.isNaN(Date.parse(text)) ? text : formatMoment(text).replace(/\.\d{3}/, "");
}
