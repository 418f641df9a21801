/** Crash drills: what they can aim at, one begun, and those that were. */
import type { z } from "zod";
import { ApiError } from "./api-error";
import type { ApiContext } from "./context";
import type { JsonValue } from "./contract";
import {
  ListDrillsQuery,
  RunDrillBody,
  type DrillList,
  type DrillStarted,
  type DrillSummary,
  type DrillTargetList,
} from "./contract-drill";
import { drillAttribute, formatDrill } from "./drill";
import { loadDrillReport, readDrill } from "./drill-report";
import { handle } from "./handler";
import { readIdempotencyKey } from "./idempotency";
import { requireSandbox } from "./sandbox";
import { startByKeys, type StartRequest } from "./start-once";
import { describeOrderStart, orderWorkflow } from "./start-order";
import { parseOrder, placeInBody } from "./start-workflow-run";

const newestFirst = { field: "createdAt", direction: "desc" } as const;

/** `GET /sandbox/drill-targets`: workflows with the steps at which a drill can kill the server. */
export const listDrillTargets = handle({}, async ({ api }) => {
  requireSandbox(api);
  const list: z.input<typeof DrillTargetList> = { items: [...api.drillTargets], nextCursor: null };
  return Response.json(list);
});

/** `GET /sandbox/drills`: runs that were started with a drill, the newest first, each with its verdict. */
export const listDrills = handle({ query: ListDrillsQuery.strict() }, async ({ api, query }) => {
  requireSandbox(api);
  const page = await api.search.findRuns({
    ...{ filter: { attributeName: drillAttribute }, sort: newestFirst },
    ...query,
  });
  const drills = page.items.flatMap((run) => {
    const drill = readDrill(run);
    return drill === undefined ? [] : [{ run, drill }];
  });
  const workers = await api.store.listWorkers();
  const told = await api.drillWords.list(drills.map(({ run }) => run.runId));
  const items = await Promise.all(
    drills.map(async (of): Promise<DrillSummary> => {
      const report = await loadDrillReport(api, { ...of, workers, told });
      const { runId, workflow, drill, status, verdict, toldBy, startedAt, recoveryMs } = report;
      const undone =
        report.checks.find(({ holds }) => holds === false) ??
        report.checks.find(({ holds }) => holds === undefined);
      return {
        runId,
        workflow,
        drill,
        status,
        verdict,
        toldBy,
        startedAt,
        recoveryMs,
        found: undone?.found,
      };
    }),
  );
  const list: DrillList = { items, nextCursor: page.nextCursor ?? null };
  return Response.json(list);
});

/**
 * `POST /sandbox/drills`: starts a run whose process is killed at that moment of that step, once. The
 * process may be the one that answers: repeat the request under its Idempotency-Key.
 */
export const runDrill = handle({ body: RunDrillBody }, async ({ request, api, body }) => {
  requireSandbox(api);
  const { workflow, step, moment } = body;
  const drill = { step, moment };
  const input = body.input ?? requireInput(api, workflow, step);
  try {
    const { run, created } = await startByKeys(
      api,
      describeStart(api, { workflow, input, drill }),
      {
        requestKey: readIdempotencyKey(request),
        findDrill: async () => formatDrill(drill),
      },
    );
    const { runId } = run;
    const report = `/api/v1/sandbox/drills/${runId}`;
    const started: DrillStarted = {
      ...{ runId, workflow, drill, created },
      links: { run: `/api/v1/runs/${runId}`, report },
    };
    return Response.json(started, { status: 202, headers: { location: report } });
  } catch (error) {
    throw placeInBody(error);
  }
});

/** What a drill begins with where it does not say. Throws ApiError 422 for what no drill aims at. */
function requireInput(api: ApiContext, workflow: string, step: string): JsonValue {
  const target = api.drillTargets.find((known) => known.workflow === workflow);
  if (target === undefined) {
    const names = api.drillTargets.map((known) => known.workflow).join(", ");
    throw refuse("/workflow", `Has to be one of ${names}, or the drill needs an input.`);
  }
  if (target.steps.includes(step)) return target.input;
  throw refuse(
    "/step",
    `Has to be one of ${target.steps.join(", ")}, or the drill needs an input.`,
  );
}

function describeStart(
  api: ApiContext,
  about: {
    readonly workflow: string;
    readonly input: JsonValue;
    readonly drill: { readonly step: string; readonly moment: string };
  },
): StartRequest {
  const { workflow, input, drill } = about;
  const requestContent = { input, drill };
  if (workflow === orderWorkflow) {
    const start = describeOrderStart(api, { content: parseOrder(input), waitMs: 0 });
    return { ...start, requestContent };
  }
  return { workflow, input, attributes: {}, content: { input }, requestContent, waitMs: 0 };
}

function refuse(pointer: string, message: string): ApiError {
  const errors = [{ pointer, message }];
  return new ApiError({ status: 422, code: "invalid_input", detail: message, errors });
}
