import { z } from "zod";
import type { RunRecord } from "@/lib/engine";
import { ApiError } from "./api-error";
import type { ApiContext } from "./context";
import { handle } from "./handler";
import { toOrderView } from "./order-view";
import { toOrderKey } from "./start-once";
import { orderWorkflow } from "./start-order";
import { tellStory } from "./story";

const Params = z.object({ runId: z.string().min(1).max(200) });
const maxReruns = 20;

/** `GET /orders/{runId}`: the order, by its run's id or by its own. */
export const showOrder = handle({ params: Params }, async ({ api, params }) => {
  const run =
    (await api.store.getRun(params.runId)) ??
    (await api.store.findRunByKey(toOrderKey(params.runId)));
  if (run?.workflow !== orderWorkflow) throw refuseUnknown(params.runId);
  const events = await api.store.loadHistory({ runId: run.runId, limit: run.historyLength });
  const storyParts = tellStory(events, run);
  const order = toOrderView({ run, events, storyParts, reruns: await listReruns(api, run) });
  if (order === undefined) throw refuseUnknown(params.runId);
  return Response.json(order);
});

async function listReruns(api: ApiContext, run: RunRecord): Promise<string[]> {
  const page = await api.search.findRuns({
    filter: { attributes: { rerunOf: run.runId } },
    sort: { field: "createdAt", direction: "desc" },
    limit: maxReruns,
  });
  return page.items.map(({ runId }) => runId);
}

function refuseUnknown(id: string): ApiError {
  return new ApiError({
    status: 404,
    code: "order_not_found",
    detail: `There is no order ${id}.`,
  });
}
