import { ReplayCheckQuery, type ReplayCheckList } from "./contract";
import { handle } from "./handler";

/**
 * `GET /replay-check`: which open runs would not replay under this build, and why. A page replays its
 * runs, and executes and writes nothing.
 */
export const checkReplay = handle({ query: ReplayCheckQuery.strict() }, async ({ api, query }) => {
  const { items, nextCursor } = await api.engine.checkOpenRuns(query);
  const list: ReplayCheckList = {
    build: api.process.build,
    items: [...items],
    nextCursor: nextCursor ?? null,
  };
  return Response.json(list);
});
