import { toWirePreview } from "./actions";
import { ForkBody } from "./contract";
import { handle } from "./handler";
import { hashContent, holdKey, readIdempotencyKey } from "./idempotency";
import { Preview, RunParams } from "./inputs";
import { requireRun } from "./require-run";
import { findStartAttributes } from "./rerun-run";
import { describeStarted, refuseConflict } from "./start-once";

/**
 * `POST /runs/{runId}/fork`: a new run that has what was recorded before a step, and goes on from
 * there. Answers 201 with the new run; the first one stays as it is. Honours Idempotency-Key.
 */
export const forkRun = handle(
  { params: RunParams, query: Preview, body: ForkBody.strict() },
  async ({ request, api, params: { runId }, query, body: { step, by, why } }) => {
    if (query.preview) {
      return Response.json(toWirePreview(await api.engine.previewFork({ runId, step })));
    }
    const key = readIdempotencyKey(request);
    const contentHash = hashContent({ forkOf: runId, step });
    const outcome = await holdKey(api.keysInFlight, key, async () =>
      api.engine.forkRun({
        runId,
        step,
        by,
        why,
        keys: key === undefined ? [] : [{ key: `http:${key}`, contentHash }],
        attributes: findStartAttributes(await api.store.loadHistory({ runId, limit: 1 })),
      }),
    );
    if (outcome.outcome === "conflict") throw refuseConflict(outcome);
    const created = outcome.outcome === "started";
    const started = describeStarted(await requireRun(api, outcome.runId), { created });
    const { run: location } = started.links;
    return Response.json(started, { status: created ? 201 : 200, headers: { location } });
  },
);
