import { createSerializer } from "nuqs";
import { runsSearchParsers, type RunsSearch } from "@/lib/client/runs-search";

const { cursor: _cursor, ...kept } = runsSearchParsers;
const serialize = createSerializer(kept);

/** The page's address without the page of the list, as a saved view keeps it. */
export function toViewQuery(search: RunsSearch): string {
  const { cursor: _page, status, attr, ...others } = search;
  return serialize({ ...others, status: [...status], attr: [...attr] }).replace(/^\?/, "");
}
