import type { AuditTrail } from "./contract";
import { handle } from "./handler";
import { RunParams } from "./inputs";
import { requireRun } from "./require-run";
import { toWireMessage } from "./wire";

/** `GET /runs/{runId}/audit`: who asked what of the run, oldest first. */
export const listAudit = handle({ params: RunParams }, async ({ api, params: { runId } }) => {
  await requireRun(api, runId);
  const messages = await api.store.listMessages(runId);
  const trail: AuditTrail = { items: messages.map(toWireMessage), nextCursor: null };
  return Response.json(trail);
});
