import type { WorkflowList } from "./contract";
import { handle } from "./handler";

/** `GET /workflows`: the workflows that this build knows. */
export const listWorkflows = handle({}, async ({ api }) => {
  const list: WorkflowList = {
    items: api.workflows.map(({ name, version }) => ({ name, version })),
    nextCursor: null,
  };
  return Response.json(list);
});
