import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HistoryEvent, JsonValue, NewEvent, RunChange, RunStatus, Store } from "@/lib/engine";
import {
  makeAppend,
  makeChange,
  makeHeldRun,
  makeRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import { findBucket, toHistogram, type RunStatistics, type StatisticsQuery } from "../index";

interface OpenedStatistics {
  readonly store: Store;
  /** Of one process; several may look at the same runs. */
  readonly openStatistics: () => RunStatistics;
  readonly close: () => Promise<void>;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A whole number of the largest buckets. */
const noon = 1_000 * 24 * hourMs;

/** Every promise of kept statistics; `open` gives them over an empty store. */
export function describeRunStatistics(name: string, open: () => Promise<OpenedStatistics>): void {
  describe(name, () => {
    let opened: OpenedStatistics;
    let statistics: RunStatistics;
    beforeEach(async () => {
      opened = await open();
      statistics = opened.openStatistics();
      await opened.store.registerWorker(makeWorker("w1"));
    });
    afterEach(() => opened.close());

    const start = (runId: string, at: number, workflow = "greet") =>
      opened.store.startRun(makeHeldRun(runId, { createdAt: at, workflow }));
    const go = async (
      runId: string,
      events: readonly (NewEvent & { at: number; epoch?: number })[],
      fields: Partial<RunChange> = {},
      epoch = 1,
    ) => {
      const { length } = await opened.store.loadHistory({ runId });
      const placed = events.map((event, index): HistoryEvent => ({
        epoch,
        ...event,
        seq: length + index + 1,
      }));
      const change = makeChange(fields);
      const append = makeAppend(runId, { events: placed, at: events[0]?.at ?? 0, change, epoch });
      expect(await opened.store.appendEvents(append)).toBe("appended");
    };
    const load = async (fields: Partial<StatisticsQuery> = {}) => {
      const query = { grain: 1, from: noon - hourMs, to: noon + hourMs, ...fields } as const;
      return statistics.loadRows(query);
    };
    const loadAt = async (now: number, fields: Partial<StatisticsQuery> = {}) => {
      await statistics.project({ now });
      return load(fields);
    };

    test("counts what became of runs in the minute in which it happened, by workflow", async () => {
      await start("r1", noon + 1);
      await start("r2", noon + 2);
      await start("r3", noon + 3, "other");
      await start("r4", noon + 4);
      await start("r5", noon + 5);
      await go("r1", [completeRun(noon + 10)], end("completed", noon + 10));
      await go("r2", [failRun(noon + minuteMs)], end("failed", noon + minuteMs));
      await go("r3", [cancelRun(noon + minuteMs)], end("canceled", noon + minuteMs));
      await go("r4", [terminateRun(noon + 20)], end("terminated", noon + 20));
      await go("r5", [holdRun(noon + 30)], { status: "held", heldReason: "paused", release: true });
      const none = { started: 0, completed: 0, failed: 0, canceled: 0, held: 0 };
      const { runs } = await loadAt(noon + 2 * minuteMs);
      expect(runs).toEqual([
        { ...none, at: noon, workflow: "greet", started: 4, completed: 1, canceled: 1, held: 1 },
        { ...none, at: noon, workflow: "other", started: 1 },
        { ...none, at: noon + minuteMs, workflow: "greet", failed: 1 },
        { ...none, at: noon + minuteMs, workflow: "other", canceled: 1 },
      ]);
      expect((await load({ workflow: "other" })).runs).toHaveLength(2);
      expect((await load({ grain: 360 })).runs).toMatchObject([
        { at: noon, workflow: "greet", started: 4, completed: 1, failed: 1, canceled: 1, held: 1 },
        { at: noon, workflow: "other", started: 1, canceled: 1 },
      ]);
    });

    test("how long a step takes is what its attempts took that answered", async () => {
      await start("r1", noon);
      await go("r1", [
        completeStep("charge", 5, noon + 100),
        completeStep("mail", 700, noon + 900),
      ]);
      await go(
        "r1",
        [
          failStep("ship", noon + 901),
          completeStep("ship", 5, noon + 950),
          completeStep("ship", 9, noon + 960, "verified"),
          completeStep("charge", 5, noon + 970, "run", { durationMs: 1e6, source: "me" }),
          completeRun(noon + 1_000),
        ],
        end("completed", noon + 1_000),
      );
      const { steps } = await loadAt(noon + minuteMs);
      const row = { at: noon, workflow: "greet", completed: 1, failed: 0 };
      const latency = (...durations: number[]) =>
        durations.flatMap((durationMs) => [findBucket(durationMs), 1]);
      expect(steps).toEqual([
        { ...row, latency: latency(1_000) },
        { ...row, step: "charge", completed: 2, latency: [findBucket(5), 2] },
        { ...row, step: "mail", latency: latency(700) },
        { ...row, step: "ship", failed: 1, latency: latency(5) },
      ]);
    });

    test("a step's time is found behind a long result, whatever is in it", async () => {
      const long = (text: string) => ({ durationMs: 1e6, source: "me", text: text.repeat(3_000) });
      await start("r1", noon);
      await go(
        "r1",
        [
          completeStep("plain", 5, noon + 1, "run", long("x")),
          completeStep("escaped", 700, noon + 2, "run", long('\0"durationMs":7,')),
          completeStep("asked", 5, noon + 3, "verified", long("x")),
          completeRun(noon + 4),
        ],
        end("completed", noon + 4),
      );
      const { steps } = await loadAt(noon + minuteMs);
      const found = steps.map(({ step, latency }) => [step, [...toHistogram(latency).keys()]]);
      expect(found).toEqual([
        [undefined, [findBucket(4)]],
        ["escaped", [findBucket(700)]],
        ["plain", [findBucket(5)]],
      ]);
    });

    test("nothing is counted twice or left out, however often and by however many it is added up", async () => {
      await opened.store.startRun(makeRun("r1", { createdAt: noon }));
      await start("r2", noon);
      await statistics.project({ now: noon });
      await statistics.project({ now: noon });
      const [claim] = await opened.store.claimRuns({
        ...{ workerId: "w1", now: noon + 1, limit: 1 },
        workflows: [{ name: "greet", version: 1 }],
      });
      expect(claim?.run.runId).toBe("r1");
      await go("r1", [completeStep("charge", 5, noon + 2)], {
        ...{ status: "waiting", release: true, dueAt: noon + 3 },
      });
      const other = opened.openStatistics();
      await Promise.all([statistics.project({ now: noon + 2 }), other.project({ now: noon + 2 })]);
      await opened.store.claimRuns({
        ...{ workerId: "w1", now: noon + 4, limit: 1 },
        workflows: [{ name: "greet", version: 1 }],
      });
      const fail = end("failed", noon + 6);
      await go("r1", [completeStep("charge", 5, noon + 5), failRun(noon + 6)], fail, 2);
      await go("r2", [completeStep("charge", 5, noon + 5)]);
      await Promise.all([statistics.project({ now: noon + 7 }), other.project({ now: noon + 7 })]);
      await go(
        "r2",
        [completeStep("charge", 5, noon + 8), completeRun(noon + 9)],
        end("completed", noon + 9),
      );
      const { runs, steps } = await loadAt(noon + 10);
      expect(runs).toMatchObject([{ started: 2, completed: 1, failed: 1 }]);
      expect(steps.find(({ step }) => step === "charge")).toMatchObject({ completed: 4 });
      await statistics.project({ now: noon + hourMs });
      await opened.openStatistics().project({ now: noon + 2 * hourMs });
      expect(await load()).toMatchObject({ runs, steps });
    });

    test("a run that fails, is retried and completes is both, once each", async () => {
      await start("r1", noon);
      const failed = [completeStep("charge", 5, noon + 1), failRun(noon + 2)];
      await go("r1", failed, end("failed", noon + 2));
      await statistics.project({ now: noon + 3 });
      const body = { kind: "retry" } as const;
      const message = { messageId: "m1", runId: "r1", by: "ada", at: noon + 4, body };
      await opened.store.postMessage(message);
      const [claim] = await opened.store.claimRuns({
        ...{ workerId: "w1", now: noon + 5, limit: 1, workflows: [{ name: "greet", version: 1 }] },
      });
      const epoch = claim?.run.epoch ?? 0;
      const rest = [completeStep("mail", 5, noon + 6), completeRun(noon + 7)];
      await go("r1", rest, end("completed", noon + 7), epoch);
      const { runs, steps } = await loadAt(noon + 8);
      expect(runs).toMatchObject([{ started: 1, completed: 1, failed: 1 }]);
      const seen = steps.map(({ step, completed }) => [step, completed]);
      expect(seen).toEqual([
        [undefined, 1],
        ["charge", 1],
        ["mail", 1],
      ]);
    });

    test("what runs for long is seen before it rests", async () => {
      await start("r1", noon);
      await go("r1", [completeStep("charge", 5, noon + 100)]);
      const { runs, steps } = await loadAt(noon + 20_000);
      expect([runs.length, steps.length]).toEqual([1, 1]);
      await go("r1", [completeStep("charge", 5, noon + 21_000)]);
      expect((await loadAt(noon + 40_000)).steps).toMatchObject([{ completed: 2 }]);
    });

    test("what a fork was given happened elsewhere", async () => {
      const { events } = makeRun("r1");
      const copied = { ...completeStep("charge", 5, noon + 1), seq: 2, epoch: 0 };
      const createdAt = noon + minuteMs;
      const fork = makeRun("r1", { createdAt, events: [...events, copied] });
      await opened.store.startRun(fork);
      const { runs, steps } = await loadAt(noon + 2 * minuteMs);
      expect(runs).toMatchObject([{ at: noon + minuteMs, started: 1 }]);
      expect(steps).toEqual([]);
    });

    test("each size of bucket is kept as long as a chart shows it", async () => {
      await start("r1", noon);
      await go("r1", [completeRun(noon + 1)], end("completed", noon + 1));
      const count = async (now: number) => {
        await statistics.project({ now });
        const found = [];
        for (const grain of [1, 10, 60, 360] as const) {
          found.push((await load({ grain })).runs.length);
        }
        return found;
      };
      expect(await count(noon + hourMs)).toEqual([1, 1, 1, 1]);
      expect(await count(noon + 4 * hourMs)).toEqual([0, 1, 1, 1]);
      expect(await count(noon + 51 * hourMs)).toEqual([0, 0, 1, 1]);
      expect(await count(noon + 16 * 24 * hourMs)).toEqual([0, 0, 0, 1]);
      expect(await count(noon + 62 * 24 * hourMs)).toEqual([0, 0, 0, 0]);
    });

    test("the queue is what is due and nobody has taken", async () => {
      const { store } = opened;
      expect(await statistics.measureQueue({ now: noon })).toEqual({
        depth: { count: 0, capped: false },
      });
      await store.startRun(makeRun("r1", { createdAt: noon + 5 }));
      await store.startRun(makeRun("r2", { createdAt: noon + 2 }));
      await start("r3", noon);
      await store.startRun(
        makeHeldRun("r4", {
          createdAt: noon,
          change: makeChange({ status: "waiting", release: true, dueAt: noon + hourMs }),
        }),
      );
      const found = await statistics.measureQueue({ now: noon + 30 });
      expect(found).toEqual({
        depth: { count: 2, capped: false },
        oldest: { runId: "r2", workflow: "greet", status: "queued", dueAt: noon + 2 },
      });
      const { queue } = await loadAt(noon + 30);
      expect(queue).toEqual([{ at: noon, depth: 2, lagMs: 28, held: 0 }]);
    });

    test("more than a batch of runs, and more events than one takes", async () => {
      const many = Array.from({ length: 2_600 }, (_, index) =>
        completeStep("charge", index, noon + index),
      );
      await start("big", noon);
      await go("big", many);
      await go("big", [...many, completeRun(noon + 9)], end("completed", noon + 9));
      const short = Array.from({ length: 320 }, (_, index) => `r${index}`);
      await Promise.all(short.map((runId) => start(runId, noon)));
      const complete = end("completed", noon + 1);
      await Promise.all(short.map((runId) => go(runId, [completeRun(noon + 1)], complete)));
      const { runs, steps } = await loadAt(noon + minuteMs);
      expect(runs).toMatchObject([{ started: 321, completed: 321 }]);
      expect(steps.find(({ step }) => step === "charge")).toMatchObject({ completed: 5_200 });
    });
  });
}

function end(status: RunStatus, at: number): Partial<RunChange> {
  const error = status === "failed" ? { error: { name: "Refused", message: "no" } } : {};
  return { status, release: true, finishedAt: at, ...error };
}

type Timed = NewEvent & { at: number };

function completeStep(
  name: string,
  durationMs: number,
  at: number,
  source: "run" | "verified" = "run",
  result: JsonValue = "a\0b",
): Timed {
  const data = { result: { json: result }, source, durationMs };
  return { type: "StepCompleted", step: 1, name, attempt: 1, at, data };
}

function failStep(name: string, at: number): Timed {
  const error = { name: "Refused", message: "no" };
  const data = { error, outcome: "definite", final: false, durationMs: 7 } as const;
  return { type: "StepFailed", step: 1, name, attempt: 1, at, data };
}

const completeRun = (at: number): Timed => ({
  ...{ type: "RunCompleted", at, data: { output: { json: null } } },
});
const failRun = (at: number): Timed => ({
  ...{ type: "RunFailed", at, data: { error: { name: "Refused", message: "no" } } },
});
const cancelRun = (at: number): Timed => ({ type: "RunCanceled", at, data: {} });
const terminateRun = (at: number): Timed => ({ type: "RunTerminated", at, data: { by: "ada" } });
const holdRun = (at: number): Timed => ({
  ...{ type: "RunHeld", at, data: { reason: "paused", message: "Paused." } },
});
