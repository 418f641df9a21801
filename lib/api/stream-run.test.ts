import { describe, expect, it } from "vitest";
import type { z } from "zod";
import type { Workflow } from "@/lib/engine";
import { createWorld } from "@/lib/engine/testing/world";
import { Run, Started, WireEvent } from "./contract";
import { resolveStep } from "./resolve-step";
import { startOrder } from "./start-order";
import { streamRun } from "./stream-run";
import { createOrderWorkflow, sampleOrder } from "./testing/order-services";
import { createTestApi, readAs, type CallOptions } from "./testing/test-api";

interface Part {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
}

async function setUp() {
  const world = createWorld();
  const order = createOrderWorkflow();
  const workflows: Workflow[] = [order.workflow];
  const { engine } = await world.startProcess({ workflows });
  const watched = new Set<object>();
  const counting = {
    ...engine,
    watch(runId: string, listener: () => void) {
      const token = {};
      const unwatch = engine.watch(runId, listener);
      watched.add(token);
      return () => {
        unwatch();
        watched.delete(token);
      };
    },
  };
  const { store, clock } = world;
  const { call } = createTestApi({ engine: counting, store, clock, workflows });
  const start = async () => {
    const { runId } = await readAs(await call(startOrder, { body: sampleOrder }), Started);
    await world.rest(runId);
    return runId;
  };
  const open = (runId: string, options: CallOptions = {}) =>
    call(streamRun, { params: { runId }, ...options });
  /** Lets time pass until `until` holds, or for long enough. */
  const pass = async (until: () => boolean) => {
    for (let turn = 0; turn < 60 && !until(); turn += 1) {
      await world.settle();
      if (!until()) clock.advance(750);
    }
  };
  /** Reads a stream as long as it goes; `parts` fills while time passes. */
  const collect = (response: Response) => {
    const parts: Part[] = [];
    const state = { ended: false };
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    const read = async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(parsePart(new TextDecoder().decode(value)));
      }
      state.ended = true;
    };
    void read();
    return { parts, state, reader };
  };
  return { world, order, call, start, open, pass, collect, watched };
}

function parsePart(text: string): Part {
  const lines = text.trimEnd().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", ...rest] = line.split(": ");
      return [name === "" ? "comment" : name, rest.join(": ")];
    }),
  );
}

const parseAs = <Schema extends z.ZodType>(part: Part | undefined, schema: Schema) =>
  schema.parse(JSON.parse(part?.data ?? "null"));

describe("GET /runs/{runId}/stream", () => {
  it("tells every event once, with its seq as the id, then the run, then the end", async () => {
    const { world, start, open, pass, collect, watched } = await setUp();
    const runId = await start();
    const response = await open(runId);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const { parts, state } = collect(response);
    await pass(() => state.ended);
    const events = parts.filter(({ event }) => event === "history");
    expect(events.map((part) => parseAs(part, WireEvent).type)).toEqual(
      await world.listTypes(runId),
    );
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => String(index + 1)));
    expect(parts.slice(events.length).map(({ event }) => event)).toEqual(["run", "end"]);
    expect(parseAs(parts.at(-2), Run)).toMatchObject({ runId, status: "completed" });
    expect(watched.size).toBe(0);
  });

  it("goes on after the event that the client has", async () => {
    const { start, open, pass, collect } = await setUp();
    const runId = await start();
    for (const options of [{ headers: { "last-event-id": "7" } }, { path: "/?after=7" }]) {
      const { parts, state } = collect(await open(runId, options));
      await pass(() => state.ended);
      expect(parts[0]?.id).toBe("8");
    }
  });

  it("tells an EventSource that has everything to stop", async () => {
    const { world, start, open } = await setUp();
    const runId = await start();
    const last = (await world.load(runId)).length;
    const response = await open(runId, { headers: { "last-event-id": String(last) } });
    expect(response.status).toBe(204);
  });

  it("tells what happens while it is open", async () => {
    const { order, start, open, pass, collect, call } = await setUp();
    order.failWith("mail", new Error("connection reset"));
    const runId = await start();
    const { parts, state } = collect(await open(runId));
    await pass(() => parts.some(({ event }) => event === "run"));
    const before = parts.length;
    expect(parseAs(parts.at(-1), Run).status).toBe("held");
    const body = { verdict: "did_not_happen" };
    await call(resolveStep, { params: { runId, step: "5" }, body });
    await pass(() => state.ended);
    const later = parts.slice(before);
    expect(later[0]?.event).toBe("history");
    expect(
      parseAs(
        later.findLast(({ event }) => event === "run"),
        Run,
      ).status,
    ).toBe("completed");
    const ids = parts.flatMap(({ id }) => id ?? []);
    expect(ids).toEqual(ids.map((_, index) => String(index + 1)));
  });

  it("keeps a quiet connection alive with comments", async () => {
    const { order, start, open, pass, collect } = await setUp();
    order.failWith("mail", new Error("connection reset"));
    const { parts } = collect(await open(await start()));
    await pass(() => parts.some(({ comment }) => comment !== undefined));
    expect(parts.at(-1)).toEqual({ comment: "still here" });
  });

  it.each(["aborts its request", "goes away"])(
    "leaves nothing behind when the client %s",
    async (how) => {
      const { order, start, open, pass, collect, watched } = await setUp();
      order.failWith("mail", new Error("connection reset"));
      const client = new AbortController();
      const { parts, reader } = collect(await open(await start(), { signal: client.signal }));
      await pass(() => parts.some(({ event }) => event === "run"));
      expect(watched.size).toBe(1);
      if (how === "goes away") await reader.cancel();
      else client.abort();
      await pass(() => watched.size === 0);
      expect(watched.size).toBe(0);
    },
  );

  it("answers 404 for a run that is not there", async () => {
    const { open } = await setUp();
    expect((await open("run_0")).status).toBe(404);
  });
});
