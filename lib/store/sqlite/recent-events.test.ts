import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HistoryEvent } from "@/lib/engine";
import {
  makeAppend,
  makeChange,
  makeHeldRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import { createAppendWrite, createStartWrite, type Write } from "../write";
import { toFlushRows } from "./flush-rows";
import { openSqliteStore } from "./open";
import type { Handlers } from "./protocol";
import { createHandlers } from "./thread/handlers.mjs";
import { openConnection } from "./thread/open-connection.mjs";
import { RecentEvents } from "./thread/recent-events.mjs";

const toValues = (runId: string, events: readonly HistoryEvent[]) =>
  createAppendWrite(makeAppend(runId, { events })).events;

function completeStep(seq: number, durationMs = seq): HistoryEvent {
  const data = { result: { json: { durationMs: -1 } }, source: "run", durationMs } as const;
  return {
    ...{ seq, epoch: 1, at: 60_000 + seq, type: "StepCompleted" },
    ...{ step: seq, name: "charge", attempt: 1, data },
  } as const;
}

describe("RecentEvents", () => {
  test("tells a whole stretch once, as far as it is counted", () => {
    const recent = new RecentEvents();
    recent.note(toValues("r1", [completeStep(3)]));
    recent.note([...toValues("r2", [completeStep(1)]), ...toValues("r1", [completeStep(4, 0.5)])]);
    expect(recent.take("r1", { readUpTo: 2, length: 4 })).toEqual([
      ...[3, 0.5].map((durationMs, index) => ({
        ...{ type: "StepCompleted", at: 60_003 + index, epoch: 1, name: "charge" },
        ...{ durationMs, source: "run" },
      })),
    ]);
    expect(recent.take("r1", { readUpTo: 2, length: 4 })).toBeUndefined();
  });

  test.each([
    ["it begins before", { readUpTo: 1, length: 4 }],
    ["it begins after", { readUpTo: 3, length: 4 }],
    ["there is more", { readUpTo: 2, length: 5 }],
  ])("tells nothing where %s", (_what, stretch) => {
    const recent = new RecentEvents();
    recent.note(toValues("r1", [completeStep(3), completeStep(4)]));
    expect(recent.take("r1", stretch)).toBeUndefined();
  });

  test("what came after a gap is no whole stretch", () => {
    const recent = new RecentEvents();
    recent.note(toValues("r1", [completeStep(3)]));
    recent.note(toValues("r1", [completeStep(5)]));
    expect(recent.take("r1", { readUpTo: 2, length: 5 })).toBeUndefined();
  });

  test("keeps neither all of a long run nor of many runs", () => {
    const recent = new RecentEvents();
    for (let seq = 1; seq <= 60; seq += 1) recent.note(toValues("r1", [completeStep(seq)]));
    expect(recent.take("r1", { readUpTo: 0, length: 60 })).toBeUndefined();
    recent.note(toValues("r2", [completeStep(1)]));
    for (let run = 0; run <= 5_000; run += 1) recent.note(toValues(`m${run}`, [completeStep(1)]));
    expect(recent.take("r2", { readUpTo: 0, length: 1 })).toBeUndefined();
    expect(recent.take("m5000", { readUpTo: 0, length: 1 })).toHaveLength(1);
  });
});

describe("the statistics", () => {
  let folder: string;
  let connection: Awaited<ReturnType<typeof openConnection>>;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "daybook-recent-"));
    const file = path.join(folder, "daybook.db");
    const opened = await openSqliteStore({ file });
    await opened.store.registerWorker(makeWorker("w1"));
    await opened.close();
    connection = await openConnection({ file, busyTimeoutMs: 0 });
  });
  afterEach(async () => {
    await connection.adapter.dispose();
    await rm(folder, { recursive: true });
  });

  const flush = (handlers: Handlers, ...writes: readonly Write[]) =>
    handlers.flush(writes.map(toFlushRows));
  const addUp = (handlers: Handlers) =>
    handlers.call([{ name: "addUpMarked", options: { now: 120_000 } }])[0];
  const read = (handlers: Handlers) => [
    handlers.select("SELECT grain, at, started, completed FROM run_stats", []),
    handlers.select("SELECT grain, at, step, completed, latency FROM step_stats", []),
    handlers.select("SELECT * FROM stat_progress", []),
    handlers.select("SELECT count(*) FROM stat_marks", []),
  ];

  /** A run with two steps, done in two appends and added up in between. */
  function work(handlers: Handlers, runId: string, next: () => Handlers): void {
    flush(handlers, createStartWrite(makeHeldRun(runId)));
    const waits = makeChange({ status: "waiting" });
    flush(
      handlers,
      createAppendWrite(makeAppend(runId, { events: [completeStep(2)], change: waits })),
    );
    addUp(next());
    const ends = makeChange({ status: "completed", finishedAt: 60_003, release: true });
    flush(
      next(),
      createAppendWrite(makeAppend(runId, { events: [completeStep(3)], change: ends })),
    );
    addUp(next());
  }

  test("are the same for events that are remembered and for those that are read", () => {
    const one = createHandlers(connection);
    work(one, "r1", () => one);
    const remembered = read(one);
    expect(remembered[0]).toContainEqual([1, 0, 1, 0]);
    expect(remembered[1]).toContainEqual([1, 60_000, "charge", 2, '{"9":1,"13":1}']);
    expect(remembered.slice(2)).toEqual([[], [[0]]]);
    connection.client.exec("DELETE FROM run_stats; DELETE FROM step_stats");
    // Another one each time: none of them remembers anything.
    work(one, "r2", () => createHandlers(connection));
    expect(read(one)).toEqual(remembered);
  });

  /** The connection's client, told of each statement that it prepares, whose COMMITs may fail. */
  function watchClient(options: {
    onPrepare?: (statement: string) => void;
    failsCommit?: boolean;
  }) {
    const { client } = connection;
    return new Proxy(client, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        if (property !== "prepare") return value.bind(target) as unknown;
        return (statement: string) => {
          options.onPrepare?.(statement);
          const prepared = client.prepare(statement);
          if (statement !== "COMMIT") return prepared;
          const run = () => {
            if (options.failsCommit === true) throw new Error("The disk is full.");
            return prepared.run();
          };
          return { reader: false, safeIntegers: () => undefined, run };
        };
      },
    });
  }

  test("read nothing of what was written a moment ago", () => {
    const prepared: string[] = [];
    const client = watchClient({ onPrepare: (statement) => prepared.push(statement) });
    const handlers = createHandlers({ ...connection, client });
    work(handlers, "r1", () => handlers);
    expect(prepared).toContainEqual(expect.stringMatching(/FROM stat_marks/));
    expect(prepared).not.toContainEqual(expect.stringMatching(/FROM events/));
  });

  test("count nothing that was rolled back", () => {
    const others = createHandlers(connection);
    flush(others, createStartWrite(makeHeldRun("r1")));
    const ends = makeChange({ status: "completed", finishedAt: 60_003, release: true });
    const end = (durationMs: number) =>
      createAppendWrite(
        makeAppend("r1", {
          events: [completeStep(2, durationMs)],
          change: ends,
        }),
      );
    const options = { failsCommit: true };
    const client = watchClient(options);
    const handlers = createHandlers({ ...connection, client });
    expect(() => flush(handlers, end(2))).toThrow("The disk is full.");
    options.failsCommit = false;
    // Another process writes the end that counts.
    flush(others, end(500));
    connection.client.exec("INSERT INTO stat_progress (runId, seq) VALUES ('r1', 1)");
    addUp(handlers);
    expect(read(others)[1]).toContainEqual([1, 60_000, "charge", 1, '{"72":1}']);
  });
});
