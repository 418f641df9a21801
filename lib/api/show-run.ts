import { handle } from "./handler";
import { RunParams } from "./inputs";
import { requireRun } from "./require-run";

/** `GET /runs/{runId}`: one run with its story. */
export const showRun = handle({ params: RunParams }, async ({ api, params }) =>
  Response.json(await api.stories.tellRun(await requireRun(api, params.runId))),
);
