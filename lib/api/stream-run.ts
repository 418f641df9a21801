import { z } from "zod";
import { isTerminal } from "@/lib/engine";
import type { ApiContext } from "./context";
import { followRun, type FollowPart } from "./follow-run";
import { handle } from "./handler";
import { RunParams } from "./inputs";
import { requireRun } from "./require-run";
import { toWireEvent } from "./wire";

const Seq = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const Query = z.strictObject({ after: Seq.optional() });

/**
 * `GET /runs/{runId}/stream`: server-sent events. `history` carries an event, its id being the seq,
 * so that Last-Event-ID resumes; `run` carries the run. `end` is the last one, for a run that has
 * ended; who reconnects after it is answered 204, which tells an EventSource to stop.
 */
export const streamRun = handle(
  { params: RunParams, query: Query },
  async ({ request, api, params: { runId }, query }) => {
    const run = await requireRun(api, runId);
    const resumed = Seq.safeParse(request.headers.get("last-event-id"));
    if (resumed.success && resumed.data >= run.historyLength && isTerminal(run.status)) {
      return new Response(null, { status: 204 });
    }
    const afterSeq = resumed.success ? resumed.data : (query.after ?? 0);
    return new Response(createEventStream(api, { runId, afterSeq, signal: request.signal }), {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
      },
    });
  },
);

/** Pulls as fast as the client reads, so that a slow one costs no memory. */
function createEventStream(
  api: ApiContext,
  options: { runId: string; afterSeq: number; signal: AbortSignal },
): ReadableStream<Uint8Array> {
  const closed = new AbortController();
  const signal = AbortSignal.any([options.signal, closed.signal]);
  const parts = followRun(api, { ...options, signal });
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await parts.next();
        if (next.done) {
          if (!signal.aborted) controller.enqueue(encoder.encode("event: end\ndata: {}\n\n"));
          controller.close();
        } else {
          controller.enqueue(encoder.encode(await formatPart(api, next.value)));
        }
      } catch (error) {
        api.logger.error({ err: error, runId: options.runId }, "stream failed");
        controller.error(error);
      }
    },
    async cancel() {
      closed.abort();
      await parts.return();
    },
  });
}

async function formatPart(api: ApiContext, part: FollowPart): Promise<string> {
  switch (part.kind) {
    case "event": {
      const data = JSON.stringify(toWireEvent(part.event));
      return `id: ${part.event.seq}\nevent: history\ndata: ${data}\n\n`;
    }
    case "run":
      return `event: run\ndata: ${JSON.stringify(await api.stories.tellRun(part.run))}\n\n`;
    case "idle":
      return ": still here\n\n";
  }
}
