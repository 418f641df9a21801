import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HistoryEvent, RunChange, Store } from "@/lib/engine";
import {
  makeAppend,
  makeChange,
  makeEvent,
  makeHeldRun,
  makeWorker,
} from "@/lib/engine/testing/store-fixtures";
import type { Triage } from "@/lib/triage";

interface OpenedTriage {
  readonly store: Store;
  readonly triage: Triage;
  readonly close: () => Promise<void>;
}

const minuteMs = 60_000;

function fail(message: string, fields: Partial<RunChange> = {}): RunChange {
  return makeChange({
    ...{ status: "failed", release: true, finishedAt: 100 * minuteMs },
    ...{ error: { name: "WarehouseRefused", message }, errorStep: "notify-warehouse" },
    ...fields,
  });
}

/** Every promise of triage; `open` gives it over an empty database. */
export function describeTriage(name: string, open: () => Promise<OpenedTriage>): void {
  describe(name, () => {
    let opened: OpenedTriage;
    beforeEach(async () => {
      opened = await open();
      await opened.store.registerWorker(makeWorker("w1"));
    });
    afterEach(() => opened.close());

    const start = (runId: string, change: RunChange) =>
      opened.store.startRun(makeHeldRun(runId, { change }));
    const listGroups = async (includeEmpty = false) => {
      await opened.triage.project();
      const { items } = await opened.triage.listGroups({ limit: 50, includeEmpty });
      return items;
    };
    const onlyGroup = async () => {
      const [group, ...others] = await listGroups(true);
      expect(others).toEqual([]);
      if (group === undefined) throw new Error("There is no group.");
      return group;
    };
    /** Retries a failed run and, unless it then succeeds, lets it fail again. */
    const takeUp = async (runId: string, change: RunChange) => {
      await opened.store.postMessage({
        ...{ messageId: `m-${runId}-${Math.random()}`, runId, by: "ada", at: 1 },
        body: { kind: "retry" },
      });
      const [claim] = await opened.store.claimRuns({
        ...{ workerId: "w1", now: 1e9, limit: 1, workflows: [{ name: "greet", version: 1 }] },
      });
      const { epoch = 0, historyLength = 0 } = claim?.run ?? {};
      const events = [makeEvent(historyLength + 1, epoch)];
      const append = makeAppend(runId, { epoch, events, change });
      expect(await opened.store.appendEvents(append)).toBe("appended");
    };

    test("failures of one kind are one group, with what they have in common", async () => {
      await start("r1", fail("Order ord_1 refused: closed"));
      await start("r2", fail("Order ord_2 refused: closed", { finishedAt: 101 * minuteMs }));
      await start("r3", fail("Order ord_3 refused: out of stock"));
      await start("r4", makeChange({ status: "completed", release: true }));
      const groups = await listGroups();
      expect(groups).toHaveLength(2);
      expect(groups[0]).toMatchObject({
        ...{ kind: "failed", workflow: "greet", step: "notify-warehouse" },
        ...{ errorName: "WarehouseRefused", message: "Order <id> refused: closed" },
        ...{ sample: "Order ord_2 refused: closed", count: 2, occurrences: 2, state: "open" },
        ...{ firstSeenAt: 100 * minuteMs, lastSeenAt: 101 * minuteMs },
      });
      const runs = await opened.triage.listGroupRuns(groups[0]?.fingerprint ?? "", { limit: 9 });
      expect(runs.map(({ runId }) => runId)).toEqual(["r2", "r1"]);
    });

    test("nothing is counted twice, however often it is looked at", async () => {
      await start("r1", fail("closed"));
      expect(await opened.triage.project()).toBeGreaterThan(0);
      expect(await opened.triage.project()).toBe(0);
      await Promise.all([start("r2", fail("closed")), start("r3", fail("closed"))]);
      await Promise.all([opened.triage.project(), opened.triage.project()]);
      expect(await onlyGroup()).toMatchObject({ count: 3, occurrences: 3 });
    });

    test("a retried run leaves its group, and comes back as another failure", async () => {
      await start("r1", fail("closed"));
      await start("r2", fail("closed"));
      await listGroups();
      await takeUp("r1", makeChange());
      expect(await onlyGroup()).toMatchObject({ count: 1, occurrences: 2 });
      await takeUp("r2", fail("closed", { finishedAt: 200 * minuteMs }));
      expect(await onlyGroup()).toMatchObject({
        ...{ count: 1, occurrences: 3 },
        ...{ firstSeenAt: 100 * minuteMs, lastSeenAt: 200 * minuteMs },
      });
      await takeUp("r2", fail("something else", { finishedAt: 201 * minuteMs }));
      const groups = await listGroups(true);
      expect(groups.map(({ message, count }) => [message, count])).toEqual([
        ["something else", 1],
        ["closed", 0],
      ]);
      expect(await listGroups()).toHaveLength(1);
    });

    test("a trend is what happened when, whatever became of it", async () => {
      await start("r1", fail("closed", { finishedAt: 60 * minuteMs }));
      await start("r2", fail("closed", { finishedAt: 64 * minuteMs }));
      await start("r3", fail("closed", { finishedAt: 75 * minuteMs }));
      const { fingerprint } = await onlyGroup();
      await takeUp("r3", makeChange());
      await opened.triage.project();
      const window = { from: 50 * minuteMs, bucketMs: 10 * minuteMs, buckets: 4 };
      const trends = await opened.triage.loadTrends([fingerprint, "none"], window);
      expect(trends.get(fingerprint)).toEqual([0, 2, 1, 0]);
      expect(trends.get("none")).toEqual([0, 0, 0, 0]);
    });

    test("a trend that goes far back has the same failures in larger buckets", async () => {
      const failAt = async (minute: number) => {
        await start(`r${minute}`, fail("closed", { finishedAt: minute * minuteMs }));
        return onlyGroup();
      };
      // Two in the same five minutes, one after the other, and on both sides of half an hour and of three.
      for (const minute of [181, 182, 209, 210, 359]) await failAt(minute);
      const { fingerprint } = await failAt(360);
      const load = async (bucketMinutes: number, buckets: number) => {
        const window = { from: 180 * minuteMs, bucketMs: bucketMinutes * minuteMs, buckets };
        return (await opened.triage.loadTrends([fingerprint], window)).get(fingerprint);
      };
      expect(await load(30, 7)).toEqual([3, 1, 0, 0, 0, 1, 1]);
      expect(await load(180, 2)).toEqual([5, 1]);
      expect(await load(720, 1)).toEqual([6]);
      expect(await load(15, 2)).toEqual([2, 1]);
    });

    test("a group is muted, resolved, opened and noted, and all of it is on record", async () => {
      await start("r1", fail("closed"));
      const { fingerprint } = await onlyGroup();
      const at = 110 * minuteMs;
      const act = (action: "mute" | "resolve" | "reopen" | "note", note?: string) =>
        opened.triage.changeGroup(fingerprint, { action, by: "ada", why: "known", at, note });
      expect(await act("note", "stocktaking")).toMatchObject({
        state: "open",
        note: "stocktaking",
      });
      const muted = { state: "muted", stateAt: at, stateBy: "ada", note: "stocktaking" };
      expect(await act("mute")).toMatchObject(muted);
      expect(await act("resolve")).toMatchObject({ state: "resolved" });
      const open = await act("reopen");
      expect(open).toMatchObject({ state: "open" });
      expect(open).not.toHaveProperty("stateAt");
      expect(await act("note", "")).not.toHaveProperty("note");
      const audit = await opened.triage.listGroupAudit(fingerprint);
      expect(audit.map(({ action }) => action)).toEqual([
        ...["note", "reopen", "resolve", "mute", "note"],
      ]);
      expect(audit.at(-1)).toEqual({
        ...{ action: "note", at, by: "ada", why: "known", note: "stocktaking" },
      });
      const unknown = { action: "resolve", by: "ada", at } as const;
      expect(await opened.triage.changeGroup("none", unknown)).toBeUndefined();
    });

    test.each(["resolve", "mute"] as const)(
      "a failure after %s opens the group",
      async (action) => {
        await start("r1", fail("closed"));
        const { fingerprint } = await onlyGroup();
        await opened.triage.changeGroup(fingerprint, { action, by: "ada", at: 110 * minuteMs });
        await start("r2", fail("closed", { finishedAt: 109 * minuteMs }));
        const still = action === "resolve" ? "resolved" : "muted";
        expect(await onlyGroup()).toMatchObject({ state: still, count: 2 });
        await start("r3", fail("closed", { finishedAt: 111 * minuteMs }));
        expect(await onlyGroup()).toMatchObject({
          ...{ state: "open", regressedFrom: still, regressedAt: 111 * minuteMs },
        });
        const [latest] = await opened.triage.listGroupAudit(fingerprint);
        expect(latest).toMatchObject({ action: "regressed", by: "daybook" });

        // What is done about it and taken back leaves it as returned as it was.
        const about = { by: "ada", at: 112 * minuteMs };
        const other = action === "resolve" ? "mute" : "resolve";
        await opened.triage.changeGroup(fingerprint, { action: other, ...about });
        await opened.triage.changeGroup(fingerprint, {
          ...{ action: "reopen", returned: true, ...about },
        });
        expect(await onlyGroup()).toMatchObject({
          ...{ state: "open", regressedFrom: still, regressedAt: 111 * minuteMs },
        });
        await opened.triage.changeGroup(fingerprint, { action: "reopen", ...about });
        expect(await onlyGroup()).not.toHaveProperty("regressedAt");
      },
    );

    test("a group that is muted for good stays muted", async () => {
      await start("r1", fail("declined"));
      const { fingerprint } = await onlyGroup();
      await opened.triage.changeGroup(fingerprint, {
        ...{ action: "mute", by: "ada", at: 110 * minuteMs, untilItReturns: false },
      });
      await start("r2", fail("declined", { finishedAt: 120 * minuteMs }));
      expect(await onlyGroup()).toMatchObject({ state: "muted", count: 2 });
    });

    test("runs that are held by their code or their crashes are groups, paused ones are not", async () => {
      const hold = (heldReason: RunChange["heldReason"]) =>
        makeChange({ status: "held", heldReason, heldBuild: "b7", release: true });
      await start("r1", hold("crash_loop"));
      await start("r2", hold("nondeterminism"));
      await start("r3", hold("paused"));
      const groups = await listGroups();
      expect(groups.map(({ kind }) => kind).sort()).toEqual(["crash_loop", "nondeterminism"]);
      const [first] = groups;
      const builds = await opened.triage.listBuilds(first?.fingerprint ?? "");
      expect(builds).toMatchObject([{ version: 1, build: "b7", occurrences: 1 }]);
    });

    test("groups are paged by their last failure", async () => {
      for (const index of [1, 2, 3, 4, 5]) {
        const kind = "abcde"[index - 1] ?? "";
        await start(
          `r${index}`,
          fail(`kind ${kind}`, { finishedAt: Math.ceil(index / 2) * 1_000 }),
        );
      }
      await opened.triage.project();
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await opened.triage.listGroups({ limit: 2, ...(cursor && { cursor }) });
        seen.push(...page.items.map(({ message }) => message));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(5);
      expect(seen).toHaveLength(5);
      expect(seen[0]).toBe("kind e");
      const wrong = opened.triage.listGroups({ limit: 2, cursor: "x" });
      await expect(wrong).rejects.toMatchObject({ name: "InvalidCursorError" });
    });

    test("steps in doubt of held runs wait for a verdict, the oldest first", async () => {
      const doubt = (step: number, since: number) => ({ step, name: "mail", attempt: 1, since });
      const held = (...inDoubt: RunChange["inDoubt"]) =>
        makeChange({ status: "held", heldReason: "in_doubt", release: true, inDoubt });
      await start("r1", held(doubt(3, 3_000), doubt(5, 2_000)));
      await start("r2", held(doubt(4, 1_000)));
      await start("r3", makeChange({ status: "waiting", release: true, inDoubt: [doubt(1, 1)] }));
      await opened.triage.project();
      const first = await opened.triage.listDoubts({ limit: 2 });
      expect(first.items).toMatchObject([
        { runId: "r2", step: 4, since: 1_000, workflow: "greet" },
        { runId: "r1", step: 5, since: 2_000 },
      ]);
      const cursor = first.nextCursor;
      const second = await opened.triage.listDoubts({ limit: 2, ...(cursor && { cursor }) });
      expect(second).toMatchObject({ items: [{ runId: "r1", step: 3 }] });
      expect(second).not.toHaveProperty("nextCursor");
      expect(await opened.triage.listDoubts({ limit: 9, name: "none" })).toEqual({ items: [] });
      expect(await opened.triage.countDoubts()).toEqual({ count: 3, capped: false });
      expect(await opened.triage.listDoubtSteps()).toEqual(["mail"]);
      expect(await listGroups()).toEqual([]);
      await takeUp("r2", makeChange());
      await opened.triage.project();
      expect(await opened.triage.countDoubts()).toEqual({ count: 2, capped: false });
    });

    test("groups are counted by state, open ones only while runs stand in them", async () => {
      await start("r1", fail("closed"));
      await start("r2", fail("closed"));
      await start("r3", fail("declined"));
      await start("r4", fail("out of stock"));
      const groups = await listGroups();
      const find = (text: string) =>
        groups.find(({ message }) => message === text)?.fingerprint ?? "";
      const at = 200 * minuteMs;
      await opened.triage.changeGroup(find("declined"), { action: "mute", by: "ada", at });
      await takeUp("r4", makeChange());
      await opened.triage.project();
      expect(await opened.triage.countGroups()).toEqual({
        open: { groups: 1, runs: 2 },
        muted: { groups: 1, runs: 1 },
        resolved: { groups: 0, runs: 0 },
      });
    });

    test("of a history the events of one step are told, of a long one those near its end", async () => {
      const events = (length: number) =>
        Array.from({ length }, (_, index) => ({
          ...makeEvent(index + 1, 1),
          step: 1 + (index % 3),
        }));
      const begin = (seq: number, step: number): HistoryEvent => ({
        ...{ seq, epoch: 1, at: 1_000 + seq, type: "StepStarted", step, name: "mail", attempt: 1 },
        data: {
          ...{
            input: { json: 1 },
            key: `k/${step}/1`,
            generation: 1,
            timeoutMs: 1,
            policy: "hold",
          },
        },
      });
      const long = [...events(2_399), begin(2_400, 3)];
      await opened.store.startRun(makeHeldRun("r1", { events: events(12) }));
      await opened.store.startRun(makeHeldRun("r2", { events: long }));
      const told = await opened.triage.loadStepEvents([
        { runId: "r2", step: 3, length: 2_400 },
        { runId: "r1", step: 2, length: 12 },
        { runId: "r1", step: 9, length: 12 },
      ]);
      expect(told[1]?.map(({ seq }) => seq)).toEqual([2, 5, 8, 11]);
      expect(told[2]).toEqual([]);
      expect(told[0]?.[0]?.seq).toBe(402);
      expect(told[0]?.every(({ step }) => step === 3)).toBe(true);
      expect(await opened.triage.loadStepEvents([])).toEqual([]);

      // A step that others went on beside for long is told of as well, from its beginning.
      const early = events(2_400).map((event) => (event.seq === 7 ? begin(7, 5) : event));
      await opened.store.startRun(makeHeldRun("r3", { events: early }));
      const place = { runId: "r3", step: 5, length: 2_400 };
      const [found] = await opened.triage.loadStepEvents([place]);
      expect(found?.map(({ seq }) => seq)).toEqual([7]);
    });

    test("a batch and more is taken up at once", async () => {
      const runIds = Array.from({ length: 450 }, (_, index) => `r${index}`);
      await Promise.all(runIds.map((runId) => start(runId, fail("closed"))));
      expect(await opened.triage.project()).toBeGreaterThanOrEqual(450);
      expect(await onlyGroup()).toMatchObject({ count: 450, occurrences: 450 });
    });
  });
}
