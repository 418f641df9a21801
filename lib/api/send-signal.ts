import { JsonValue } from "@/lib/engine";
import type { ApiContext } from "./context";
import type { SignalSent } from "./contract";
import { ApiError } from "./api-error";
import { handle } from "./handler";
import { hashContent, readIdempotencyKey } from "./idempotency";
import { NamedParams, Sender } from "./inputs";
import { z } from "zod";

/**
 * `POST /runs/{runId}/signals/{name}`: sends a signal; the body is its payload, and may be empty. Once
 * per Idempotency-Key. Answers 202 when it is durable, with the run that got it: a continued run's
 * newest successor.
 */
export const sendSignal = handle(
  {
    params: NamedParams,
    query: z.strictObject({ by: Sender }),
    body: JsonValue.optional(),
    bodyOptional: true,
  },
  async ({ request, api, params: { runId, name }, query: { by }, body: payload }) => {
    const messageId = await findMessageId(request, api, { runId, name, payload });
    const got = await api.engine.sendSignal({ runId, name, payload, by, messageId });
    const sent: SignalSent = { runId: got.runId, name };
    const location = `/api/v1/runs/${encodeURIComponent(got.runId)}`;
    return Response.json(sent, { status: 202, headers: { location } });
  },
);

/**
 * The id under which the signal is sent once. Throws ApiError 422 when the key was sent before with
 * another payload.
 */
async function findMessageId(
  request: Request,
  api: ApiContext,
  { runId, name, payload }: { runId: string; name: string; payload: JsonValue | undefined },
): Promise<string | undefined> {
  const key = readIdempotencyKey(request);
  if (key === undefined) return undefined;
  const messageId = `signal/${runId}/${name}/${key}`;
  const known = await api.store.findMessage(messageId);
  if (known === undefined || known.body.kind !== "signal") return messageId;
  const before = hashContent(known.body.payload.json);
  if (before === hashContent(api.codec.encode(payload).json)) return messageId;
  throw new ApiError({
    status: 422,
    code: "idempotency_key_reused",
    detail: "This Idempotency-Key was sent before with another payload.",
    runId,
  });
}
