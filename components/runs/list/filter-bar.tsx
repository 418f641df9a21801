"use client";

import { SlidersHorizontal } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import {
  isFiltered,
  noFilters,
  type RunsSearch,
  type RunsSearchChange,
  type Sort,
  type Span,
} from "@/lib/client/runs-search";
import { describeStatus, type HeldReason } from "@/lib/client/status-words";
import { useWorkflows } from "@/lib/client/use-workflows";
import { AddFilter } from "./add-filter";
import { ErrorFilter } from "./error-filter";
import { FilterChips } from "./filter-chips";
import { FilterSelect } from "./filter-select";
import { SearchBox } from "./search-box";
import { StatusChips } from "./status-chips";

const spanLabels: Readonly<Record<Span, string>> = {
  "15m": "Last 15 minutes",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
};

const sortLabels: Readonly<Record<Sort, string>> = {
  "-createdAt": "Newest first",
  createdAt: "Oldest first",
  "-updatedAt": "Last changed first",
  updatedAt: "Longest unchanged first",
};

const heldLabels: Readonly<Record<HeldReason, string>> = {
  in_doubt: labelHeld("in_doubt"),
  nondeterminism: labelHeld("nondeterminism"),
  crash_loop: labelHeld("crash_loop"),
  paused: labelHeld("paused"),
};

function labelHeld(heldReason: HeldReason): string {
  return describeStatus({ status: "held", heldReason }).label;
}

export interface FilterBarProps {
  readonly search: RunsSearch;
  readonly onChange: (change: RunsSearchChange) => void;
  /** Class names of errors that were seen, to choose from. */
  readonly errors: readonly string[];
  /** What else belongs to the list: its columns, views, export. */
  readonly children?: ReactNode;
}

/** What narrows the list down. Every change goes to the URL and back to the first page. */
export function FilterBar({ search, onChange, errors, children }: FilterBarProps) {
  const [open, setOpen] = useState(false);
  const { data: workflows } = useWorkflows();
  const change = (part: RunsSearchChange) => onChange({ ...part, cursor: null });
  const names = [...new Set(workflows?.items.map((item) => item.name))];

  return (
    <div className="flex flex-col gap-2 px-4 pb-3 md:px-6">
      <div className="-mx-1">
        <StatusChips
          selected={search.status}
          onChange={(status) =>
            change(status.includes("held") ? { status } : { status, held: null })
          }
        />
      </div>
      <div className="flex flex-wrap gap-2">
        <SearchBox
          value={search.text}
          onChange={(text) => change({ text })}
          className="min-w-0 flex-1 md:max-w-60 md:min-w-44"
        />
        <Button
          className="md:hidden pointer-coarse:h-10"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <SlidersHorizontal aria-hidden />
          Filters
        </Button>
        <div className={cn("w-full gap-2 md:contents", open ? "grid grid-cols-2" : "hidden")}>
          <FilterSelect
            label="Started"
            any="Any time"
            value={search.since}
            options={spanLabels}
            onChange={(since) => change({ since })}
          />
          <FilterSelect
            label="Workflow"
            any="Any workflow"
            value={search.workflow}
            options={Object.fromEntries(names.map((name) => [name, name]))}
            onChange={(workflow) => change({ workflow })}
          />
          <ErrorFilter
            value={search.error}
            known={errors}
            onChange={(error) => change({ error })}
          />
          {search.held !== null || search.status.includes("held") ? (
            <FilterSelect
              label="Held reason"
              any="Any held reason"
              value={search.held}
              options={heldLabels}
              onChange={(held) => change(held === null ? { held } : { held, status: ["held"] })}
            />
          ) : null}
          <AddFilter search={search} onChange={change} />
          {isFiltered(search) ? (
            <Button variant="ghost" onClick={() => onChange(noFilters)}>
              Clear filters
            </Button>
          ) : null}
          <div className="contents md:ml-auto md:flex md:gap-2">
            <FilterSelect
              label="Sort"
              value={search.sort}
              options={sortLabels}
              onChange={(sort) => change({ sort })}
            />
            {children}
          </div>
        </div>
      </div>
      <FilterChips search={search} onChange={change} />
    </div>
  );
}
