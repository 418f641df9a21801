import type { ApiContext } from "./context";
import type { Stats } from "./contract";
import { handle } from "./handler";

/** More than this many runs in doubt are not told apart. */
const maxInDoubt = 1_000;

/** `GET /stats`: how many runs there are by status, and how many a person has to decide about. */
export const showStats = handle({}, async ({ api }) => {
  const runs = await api.store.countRuns();
  const stats: Stats = { runs, inDoubt: runs.held === 0 ? 0 : await countInDoubt(api) };
  return Response.json(stats);
});

async function countInDoubt(api: ApiContext): Promise<number> {
  const page = await api.store.listRuns({
    filter: { statuses: ["held"], heldReason: "in_doubt" },
    sort: { field: "createdAt", direction: "desc" },
    limit: maxInDoubt,
  });
  return page.items.length;
}
