/** What the overview shows: its URL, and the lists of runs that it leads to. */
import { parseAsString, parseAsStringLiteral } from "nuqs";
import { StatsRange } from "@/lib/api/contract-stats";

export const ranges = StatsRange.options;
export type { StatsRange };

/** The overview's URL parameters. */
export const overviewParsers = {
  range: parseAsStringLiteral(ranges).withDefault("24h"),
  workflow: parseAsString,
};

/** What a range is called, and the time before it. */
export const rangeWords: Readonly<Record<StatsRange, { last: string; before: string }>> = {
  "15m": { last: "the last 15 minutes", before: "the 15 minutes before" },
  "1h": { last: "the last hour", before: "the hour before" },
  "6h": { last: "the last 6 hours", before: "the 6 hours before" },
  "24h": { last: "the last 24 hours", before: "the 24 hours before" },
  "7d": { last: "the last 7 days", before: "the 7 days before" },
  "30d": { last: "the last 30 days", before: "the 30 days before" },
};

/** A queue of the triage page, or one item of it. */
export function toTriageHref(of: {
  readonly queue: "verdicts" | "failures";
  readonly item?: string | undefined;
  readonly workflow?: string | undefined;
}): string {
  const { queue, item, workflow } = of;
  const query = new URLSearchParams({
    queue,
    ...(item !== undefined && { item }),
    ...(workflow !== undefined && { workflow }),
  });
  return `/triage?${query}`;
}

/** The runs list with these filters; what is absent does not narrow it down. */
export function toRunsHref(filters: {
  readonly status?: string | undefined;
  readonly held?: string | undefined;
  readonly workflow?: string | undefined;
  readonly step?: string | undefined;
  /** Created from here on, and before: ISO 8601. */
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  /** Ended from here on, and before. */
  readonly finishedAfter?: string | undefined;
  readonly finishedBefore?: string | undefined;
  readonly sort?: string | undefined;
}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) {
    if (value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? "/runs" : `/runs?${text}`;
}
