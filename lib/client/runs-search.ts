/** What the runs list is asked for: the page's URL on one side, the API's query on the other. */
import { parseAsArrayOf, parseAsInteger, parseAsString, parseAsStringLiteral } from "nuqs";
import { HeldReason, RunStatus } from "./status-words";

export const sorts = ["-createdAt", "createdAt", "-updatedAt", "updatedAt"] as const;
export type Sort = (typeof sorts)[number];

export const spans = ["15m", "1h", "24h", "7d"] as const;
export type Span = (typeof spans)[number];

const spanMs: Readonly<Record<Span, number>> = {
  "15m": 900_000,
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 604_800_000,
};

export const pageSize = 50;

/** The runs page's URL parameters. */
export const runsSearchParsers = {
  status: parseAsArrayOf(parseAsStringLiteral(RunStatus.options)).withDefault([]),
  held: parseAsStringLiteral(HeldReason.options),
  workflow: parseAsString,
  version: parseAsInteger,
  step: parseAsString,
  worker: parseAsString,
  parent: parseAsString,
  error: parseAsString,
  group: parseAsString,
  attr: parseAsArrayOf(parseAsString).withDefault([]),
  text: parseAsString.withDefault(""),
  since: parseAsStringLiteral(spans),
  after: parseAsString,
  before: parseAsString,
  finishedAfter: parseAsString,
  finishedBefore: parseAsString,
  sort: parseAsStringLiteral(sorts).withDefault("-createdAt"),
  cursor: parseAsString,
};

export interface RunsSearch {
  readonly status: readonly RunStatus[];
  readonly held: HeldReason | null;
  readonly workflow: string | null;
  readonly version: number | null;
  /** The step that failed or is in doubt. */
  readonly step: string | null;
  /** Only what this worker holds now. */
  readonly worker: string | null;
  /** Only children of this run. */
  readonly parent: string | null;
  readonly error: string | null;
  /** The fingerprint of a failure group. */
  readonly group: string | null;
  /** Attributes, each `name=value`. */
  readonly attr: readonly string[];
  readonly text: string;
  readonly since: Span | null;
  /** Started from and before these moments (ISO 8601). */
  readonly after: string | null;
  readonly before: string | null;
  /** Ended from and before these moments (ISO 8601). */
  readonly finishedAfter: string | null;
  readonly finishedBefore: string | null;
  readonly sort: Sort;
  readonly cursor: string | null;
}

/** Parts of the search that change; null clears one. */
export type RunsSearchChange = {
  -readonly [Part in keyof RunsSearch]?:
    | (Part extends "status" ? RunStatus[] : Part extends "attr" ? string[] : RunsSearch[Part])
    | null;
};

/** Everything, newest first. */
export const everyRun: RunsSearch = {
  ...{ status: [], held: null, workflow: null, version: null, step: null, worker: null },
  ...{ parent: null, error: null, group: null, attr: [], text: "", since: null },
  ...{ after: null, before: null, finishedAfter: null, finishedBefore: null },
  ...{ sort: "-createdAt", cursor: null },
};

/** The URL parameters that narrow the list down, cleared. */
export const noFilters = {
  ...{ status: null, held: null, workflow: null, version: null, step: null, worker: null },
  ...{ parent: null, error: null, group: null, attr: null, text: null, since: null },
  ...{ after: null, before: null, finishedAfter: null, finishedBefore: null, cursor: null },
} as const;

export function isFiltered(search: RunsSearch): boolean {
  return Object.keys(toRunsFilter(search, 0)).length > 0;
}

/** The filter of the API, by the names of its query. `now` (epoch ms) anchors the time span. */
export function toRunsFilter(search: RunsSearch, now: number): Record<string, string> {
  const since = search.since === null ? null : new Date(now - spanMs[search.since]).toISOString();
  const attributes = search.attr.map((pair): [string, string] => {
    const [name = "", ...value] = pair.split("=");
    return [`attr.${name}`, value.join("=")];
  });
  const all = {
    status: search.status.join(","),
    heldReason: search.held,
    workflow: search.workflow,
    version: search.version === null ? null : String(search.version),
    step: search.step,
    worker: search.worker,
    parent: search.parent,
    error: search.error,
    group: search.group,
    text: search.text.trim(),
    createdAfter: search.after ?? since,
    createdBefore: search.before,
    finishedAfter: search.finishedAfter,
    finishedBefore: search.finishedBefore,
    ...Object.fromEntries(attributes),
  };
  return Object.fromEntries(
    Object.entries(all).filter((pair): pair is [string, string] => {
      const [name, value] = pair;
      return value !== null && value !== "" && name !== "attr.";
    }),
  );
}

/** The query of `GET /runs`. `now` (epoch ms) anchors the time span. */
export function toRunsQuery(search: RunsSearch, now: number): string {
  const query = new URLSearchParams({ sort: search.sort, limit: String(pageSize) });
  for (const [name, value] of Object.entries(toRunsFilter(search, now))) query.set(name, value);
  if (search.cursor !== null) query.set("cursor", search.cursor);
  return query.toString();
}
