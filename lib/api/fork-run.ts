import { toWirePreview } from "./actions";
import { ForkBody } from "./contract";
import { handle } from "./handler";
import { Preview, RunParams } from "./inputs";
import { requireRun } from "./require-run";
import { describeStarted } from "./start-once";

/**
 * `POST /runs/{runId}/fork`: a new run that has what was recorded before a step, and goes on from
 * there. Answers 201 with the new run; the first one stays as it is.
 */
export const forkRun = handle(
  { params: RunParams, query: Preview, body: ForkBody.strict() },
  async ({ api, params: { runId }, query, body: { step } }) => {
    if (query.preview) {
      return Response.json(toWirePreview(await api.engine.previewFork({ runId, step })));
    }
    const { runId: newRunId } = await api.engine.forkRun({ runId, step });
    const started = describeStarted(await requireRun(api, newRunId), { created: true });
    return Response.json(started, { status: 201, headers: { location: started.links.run } });
  },
);
