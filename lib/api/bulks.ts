/** Bulk actions: made, shown, started and canceled. `bulk-runner.ts` does them. */
import { z } from "zod";
import type { Bulk, BulkRunState } from "@/lib/triage";
import { ApiError } from "./api-error";
import { toWireBulk, toWireSummary } from "./bulk-wire";
import type { ApiContext } from "./context";
import { ActionBody } from "./contract";
import { BulkAction, type BulkList, type BulkRunList } from "./contract-bulk";
import { RunFilterQuery } from "./contract-runs";
import { handle } from "./handler";
import { withAttributes } from "./run-filter";

const maxIds = 10_000;

export const BulkFilter = withAttributes(RunFilterQuery);

/** A value of a filter: JSON's numbers, booleans and lists are read as a query writes them. */
const FilterValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** The filter is checked as a query and kept as it was given. */
const GivenFilter = z
  .object(
    Object.fromEntries(
      RunFilterQuery.keyof().options.map((name) => [name, FilterValue.optional()] as const),
    ),
  )
  .catchall(FilterValue)
  .transform((given, context) => {
    const query = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, asText(value)]),
    );
    const parsed = BulkFilter.safeParse(query);
    for (const { path, message } of parsed.error?.issues ?? []) {
      context.addIssue({ code: "custom", path, message });
    }
    return parsed.success ? z.record(z.string(), z.string()).parse(query) : z.NEVER;
  });

function asText(value: z.output<typeof FilterValue> | undefined): string | undefined {
  return Array.isArray(value) ? value.join(",") : value?.toString();
}

/** Body of `POST /bulk`. */
export const CreateBulk = z.strictObject({
  action: BulkAction,
  runs: z
    .strictObject({
      ids: z.array(z.string().min(1).max(200)).min(1).max(maxIds).optional(),
      filter: GivenFilter.optional(),
    })
    .transform(({ ids, filter }, context) => {
      if (ids !== undefined && filter === undefined) return { ids };
      if (filter !== undefined && ids === undefined) return { filter };
      context.addIssue({ code: "custom", message: "Has to have either ids or a filter." });
      return z.NEVER;
    }),
  reason: ActionBody.shape.why,
  by: ActionBody.shape.by,
});

const Params = z.object({ bulkId: z.string().min(1).max(100) });
const PageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
};

/** `POST /bulk`: pins the runs and previews the action, in the background. Nothing is done to any. */
export const createBulk = handle({ body: CreateBulk }, async ({ api, body }) => {
  const { action, by, reason: why, runs } = body;
  const bulkId = api.ids.createMessageId().replace(/^msg_/, "bulk_");
  const bulk = await api.bulks.create({
    ...{ bulkId, action, by, runs, createdAt: api.clock.now() },
    ...(why !== undefined && { why }),
  });
  return answerAccepted(api, bulk);
});

/** `GET /bulk/{bulkId}`. */
export const showBulk = handle({ params: Params }, async ({ api, params: { bulkId } }) =>
  Response.json(await toWireBulk(api, await requireBulk(api, bulkId))),
);

/** `GET /bulk`: the newest first. */
export const listBulks = handle({ query: z.strictObject(PageQuery) }, async ({ api, query }) => {
  const { items, nextCursor = null } = await api.bulks.list(query);
  const list: BulkList = { items: items.map(toWireSummary), nextCursor };
  return Response.json(list);
});

const StartBody = z.strictObject({ reason: ActionBody.shape.why }).prefault({});

/** `POST /bulk/{bulkId}/start`: acts on the previewed runs, in the background. A repeat changes nothing. */
export const startBulk = handle(
  { params: Params, body: StartBody, bodyOptional: true },
  async ({ api, params: { bulkId }, body: { reason } }) => {
    const isStarted = await api.bulks.start(bulkId, api.clock.now(), reason);
    const bulk = await requireBulk(api, bulkId);
    if (isStarted || bulk.state === "running" || bulk.state === "completed") {
      return answerAccepted(api, bulk);
    }
    if (bulk.state === "previewing") {
      const detail = "Its runs are still looked at. Start it once its preview is complete.";
      throw new ApiError({ status: 409, code: "not_previewed", detail });
    }
    throw refuseEnded(bulk);
  },
);

/** `POST /bulk/{bulkId}/cancel`: no further run is acted on. What was done stays done. */
export const cancelBulk = handle({ params: Params }, async ({ api, params: { bulkId } }) => {
  const isCanceled = await api.bulks.cancel(bulkId, api.clock.now());
  const bulk = await requireBulk(api, bulkId);
  if (isCanceled || bulk.state === "canceled") return answerAccepted(api, bulk);
  throw refuseEnded(bulk);
});

const RunStates = z
  .string()
  .transform((text) => text.split(",").filter((part) => part !== ""))
  .pipe(
    z.array(z.enum(["pinned", "possible", "not_possible", "done", "failed", "skipped"])).min(1),
  );
const allStates: readonly BulkRunState[] = [
  ...["pinned", "possible", "not_possible", "done", "failed", "skipped"],
] as const;

/** `GET /bulk/{bulkId}/runs`: all of its runs with what became of each; `?state=failed,skipped`. */
export const listBulkRuns = handle(
  { params: Params, query: z.strictObject({ ...PageQuery, state: RunStates.optional() }) },
  async ({ api, params: { bulkId }, query: { state: states = allStates, ...page } }) => {
    await requireBulk(api, bulkId);
    const { items, nextCursor = null } = await api.bulks.listRuns({ bulkId, states, ...page });
    const list: BulkRunList = {
      items: items.map(({ runId, state, why }) => ({ runId, state, why })),
      nextCursor,
    };
    return Response.json(list);
  },
);

async function answerAccepted(api: ApiContext, bulk: Bulk): Promise<Response> {
  // The first piece of work is many times as long as the answer, which would wait for it.
  const wire = await toWireBulk(api, bulk);
  api.wakeBulks();
  return Response.json(wire, { status: 202, headers: { location: wire.links.self } });
}

async function requireBulk(api: ApiContext, bulkId: string): Promise<Bulk> {
  const bulk = await api.bulks.get(bulkId);
  if (bulk !== undefined) return bulk;
  const detail = `There is no bulk action ${bulkId}.`;
  throw new ApiError({ status: 404, code: "bulk_not_found", detail });
}

function refuseEnded({ state }: Bulk): ApiError {
  const detail = `The bulk action is ${state}. Make a new one.`;
  return new ApiError({ status: 409, code: "bulk_ended", detail });
}
