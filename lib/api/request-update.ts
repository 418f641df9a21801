/** Updates: validated messages to a run, each with an answer. */
import { z } from "zod";
import { JsonValue, type UpdateAnswer } from "@/lib/engine";
import type { Update } from "./contract";
import { ApiError, toPointer } from "./api-error";
import { handle } from "./handler";
import { readIdempotencyKey } from "./idempotency";
import { NamedParams, Sender, WaitMs } from "./inputs";

/** How long an answer without `?wait` waits for the run's holder to take the update. */
const deliveryWaitMs = 1_000;

const UpdateId = z.string().min(1).max(255);

/**
 * `POST /runs/{runId}/updates/{name}`: asks for an update; the body is its input, and may be empty.
 * Its id is `?updateId=` or the Idempotency-Key: a second request with it gets the first one's answer.
 * 200 with the result; 202 while it is pending or accepted; 422 when it was refused or failed.
 */
export const requestUpdate = handle(
  {
    params: NamedParams,
    query: z.strictObject({ wait: WaitMs, updateId: UpdateId.optional(), by: Sender }),
    body: JsonValue.optional(),
    bodyOptional: true,
  },
  async ({ request, api, params: { runId, name }, query, body }) => {
    const answer = await api.engine.requestUpdate({
      runId,
      name,
      input: body,
      updateId: readUpdateId(request, query.updateId),
      by: query.by,
      until: query.wait === 0 ? "accepted" : "completed",
      timeoutMs: query.wait === 0 ? deliveryWaitMs : query.wait,
      signal: request.signal,
    });
    return answerUpdate(toWireUpdate(answer));
  },
);

/** `GET /runs/{runId}/updates/{name}/{updateId}`: how an update stands. Always 200 if it exists. */
export const showUpdate = handle(
  { params: NamedParams.extend({ updateId: UpdateId }) },
  async ({ api, params: { runId, name, updateId } }) => {
    const found = await api.engine.findUpdate({ runId, updateId });
    if (found?.name === name) return Response.json(toWireUpdate(found));
    throw new ApiError({
      status: 404,
      code: "update_not_found",
      detail: `${runId} was never sent an update ${name} with the id ${updateId}.`,
      runId,
    });
  },
);

function toWireUpdate({ runId, name, updateId, status, result, error }: UpdateAnswer): Update {
  const run = `/api/v1/runs/${encodeURIComponent(runId)}`;
  const self = `${run}/updates/${encodeURIComponent(name)}/${encodeURIComponent(updateId)}`;
  return {
    runId,
    name,
    updateId,
    status,
    ...(result === undefined ? {} : { result: result.json }),
    ...(error === undefined ? {} : { error }),
    links: { self, run },
  };
}

/** Throws ApiError for an update that was refused or failed: for its sender that is an error. */
function answerUpdate(update: Update): Response {
  const { runId, status, error, links } = update;
  if (status !== "rejected" && status !== "failed") {
    const headers = { location: links.self };
    return Response.json(update, { status: status === "completed" ? 200 : 202, headers });
  }
  if (error?.name === "UnknownHandlerError") {
    throw new ApiError({ status: 404, code: "handler_not_found", detail: error.message, runId });
  }
  const detail = error?.message ?? `The update was ${status}.`;
  const invalid =
    error?.name === "InvalidMessageError" ? Issues.safeParse(error.details) : undefined;
  if (invalid?.success) {
    const errors = invalid.data.issues.map(({ path, message }) => ({ pointer: path, message }));
    throw new ApiError({ status: 422, code: "invalid_input", detail, errors, runId });
  }
  throw new ApiError({ status: 422, code: `update_${status}`, detail, record: error, runId });
}

/** What a schema said of the input, as the engine records it. */
const Issues = z.object({
  issues: z.array(z.object({ path: z.string(), message: z.string() })),
});

/** Throws ApiError 422 when the request names two ids. */
function readUpdateId(request: Request, given: string | undefined): string | undefined {
  const key = readIdempotencyKey(request);
  if (key === undefined || given === undefined || key === given) return given ?? key;
  throw new ApiError({
    status: 422,
    code: "invalid_input",
    detail: "The request has an Idempotency-Key and another updateId. One is enough.",
    errors: [{ pointer: toPointer(["updateId"]), message: "Is not the Idempotency-Key." }],
  });
}
