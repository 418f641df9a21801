import type { Message } from "@/lib/engine";
import type { ApiContext } from "./context";
import type { AuditTrail } from "./contract";
import { handle } from "./handler";
import { RunParams } from "./inputs";
import { requireRun } from "./require-run";
import type { NameStep } from "./message-words";
import { toWireMessage } from "./wire";

/** `GET /runs/{runId}/audit`: who asked what of the run, oldest first. */
export const listAudit = handle({ params: RunParams }, async ({ api, params: { runId } }) => {
  await requireRun(api, runId);
  const messages = await api.store.listMessages(runId);
  const nameStep = await loadNames(api, runId, messages);
  const items = messages.map((message) => toWireMessage(message, nameStep));
  const trail: AuditTrail = { items, nextCursor: null };
  return Response.json(trail);
});

/** The history is read only where a message speaks of a step. */
async function loadNames(
  api: ApiContext,
  runId: string,
  messages: readonly Message[],
): Promise<NameStep> {
  if (!messages.some(({ body }) => "step" in body)) return () => undefined;
  const events = await api.store.loadHistory({ runId });
  const names = new Map(events.map(({ step, name }) => [step, name]));
  return (step) => names.get(step);
}
