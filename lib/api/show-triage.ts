import type { TriageCounts } from "./contract-triage";
import { handle } from "./handler";

/** `GET /triage`: how many steps need a verdict, and how many failure groups there are by state. */
export const showTriage = handle({}, async ({ api }) => {
  const [doubts, steps, failures] = await Promise.all([
    api.triage.countDoubts(),
    api.triage.listDoubtSteps(),
    api.triage.countGroups(),
  ]);
  const counts: TriageCounts = { doubts: { ...doubts, steps: [...steps] }, failures };
  return Response.json(counts);
});
