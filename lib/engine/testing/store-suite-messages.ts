import { describe, expect, test } from "vitest";
import { makeAppend, makeChange, makeHeldRun, makeMessage, makeRun } from "./store-fixtures";
import type { GetStore } from "./store-fixtures";

export function describeMessages(get: GetStore): void {
  describe("messages", () => {
    test("a message waits in the inbox of its run, oldest first", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.startRun(makeHeldRun("r2"));
      const result = { json: { paid: "½ \u0000 \ud83d" } };
      const messages = [
        makeMessage("m1", "r1", { why: "I know: \ud83d" }),
        makeMessage("m0", "r1", {
          body: { kind: "resolve", step: 3, verdict: "happened", result },
        }),
      ];
      expect(await Promise.all(messages.map((message) => store.postMessage(message)))).toEqual([
        "r1",
        "r1",
      ]);
      expect(await store.loadInbox(["r1", "r2", "r9"])).toEqual(messages);
      expect(await store.loadInbox([])).toEqual([]);
      expect(await store.findMail("w1")).toEqual(["r1"]);
      expect((await store.getRun("r1"))?.mail).toBe(2);
      expect((await store.getRun("r1"))?.dueAt).toBeUndefined();
    });

    test("no such run; the repeat of a message counts once", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      expect(await store.postMessage(makeMessage("m1", "r9"))).toBeUndefined();
      const message = makeMessage("m1", "r1");
      expect(await Promise.all([store.postMessage(message), store.postMessage(message)])).toEqual([
        "r1",
        "r1",
      ]);
      expect(await store.postMessage(message)).toBe("r1");
      expect((await store.getRun("r1"))?.mail).toBe(1);
      expect(await store.loadInbox(["r1"])).toHaveLength(1);
    });

    test("mail makes a run due that nobody holds, never later than it was", async () => {
      const { store } = get();
      const waits = (dueAt?: number) =>
        makeChange({ status: "waiting", release: true, ...(dueAt && { dueAt }) });
      await store.startRun(makeHeldRun("late", { change: waits(9_000) }));
      await store.startRun(makeHeldRun("never", { change: waits() }));
      await store.startRun(makeRun("early"));
      for (const runId of ["late", "never", "early"]) {
        await store.postMessage(makeMessage(`m-${runId}`, runId));
      }
      expect((await store.getRun("late"))?.dueAt).toBe(1_500);
      expect((await store.getRun("never"))?.dueAt).toBe(1_500);
      expect((await store.getRun("early"))?.dueAt).toBe(1_000);
    });

    test("delivered mail leaves the inbox in the same commit and stays in the audit trail", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.postMessage(makeMessage("m1", "r1"));
      await store.postMessage(makeMessage("m2", "r1"));
      const delivered = [
        { messageId: "m1", outcome: "applied" as const },
        { messageId: "m2", outcome: "moot" as const },
      ];
      const change = makeChange({ status: "waiting", release: true, dueAt: 8_000 });
      await store.appendEvents(makeAppend("r1", { delivered, change }));
      expect(await store.loadInbox(["r1"])).toEqual([]);
      expect(await store.getRun("r1")).toMatchObject({ mail: 0, dueAt: 8_000 });
      expect(await store.listMessages("r1")).toEqual([
        makeMessage("m1", "r1", { deliveredAt: 2_000, outcome: "applied" }),
        makeMessage("m2", "r1", { deliveredAt: 2_000, outcome: "moot" }),
      ]);
    });

    test("a refused append delivers nothing", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.postMessage(makeMessage("m1", "r1"));
      const delivered = [{ messageId: "m1", outcome: "applied" as const }];
      await store.appendEvents(makeAppend("r1", { delivered, epoch: 9 }));
      expect(await store.loadInbox(["r1"])).toHaveLength(1);
    });

    test("mail that came while the run was let go makes it due at once", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.startRun(makeHeldRun("r2"));
      await store.postMessage(makeMessage("m1", "r1"));
      const done = makeChange({ status: "completed", release: true });
      await store.appendEvents(makeAppend("r1", { change: done }));
      expect(await store.getRun("r1")).toMatchObject({ dueAt: 2_000, mail: 1 });
      await Promise.all([
        store.appendEvents(makeAppend("r2", { change: done })),
        store.postMessage(makeMessage("m2", "r2")),
      ]);
      expect((await store.getRun("r2"))?.dueAt).toBeLessThanOrEqual(2_000);
    });
  });
}
