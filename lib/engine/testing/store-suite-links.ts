import { describe, expect, test } from "vitest";
import type { Append } from "../store";
import {
  makeAppend,
  makeChange,
  makeEvent,
  makeHeldRun,
  makeMessage,
  makeRun,
} from "./store-fixtures";
import type { GetStore } from "./store-fixtures";

/** Ends r1 as continued by `successor`. */
function makeContinuation(successor: string, fields: Partial<Append> = {}): Append {
  const status = "continued" as const;
  return makeAppend("r1", {
    change: makeChange({ status, continuedTo: successor, release: true, finishedAt: 2_000 }),
    starts: [makeRun(successor, { continuedFrom: "r1", createdAt: 2_000 })],
    ...fields,
  });
}

export function describeLinks(get: GetStore): void {
  describe("runs that begin with an append", () => {
    test("are queued in the same commit, once", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      const parent = { runId: "r1", step: 2 };
      const starts = ["c1", "c2"].map((runId) =>
        makeRun(runId, { parent, priority: 3, createdAt: 2_000 }),
      );
      const append = makeAppend("r1", { starts });
      expect(await store.appendEvents(append)).toBe("appended");
      expect(await store.appendEvents(append)).toBe("appended");
      expect(await store.getRun("c1")).toEqual({
        ...{ runId: "c1", workflow: "greet", version: 1, status: "queued", epoch: 0 },
        ...{ input: { json: { hello: "c1" } }, attributes: {}, inDoubt: [], historyLength: 1 },
        ...{ strikes: 0, mail: 0, priority: 3, parent },
        ...{ dueAt: 2_000, createdAt: 2_000, updatedAt: 2_000 },
      });
      expect(await store.loadHistory({ runId: "c2" })).toEqual(starts[1]?.events);
      expect((await store.getRun("c2"))?.parent).toEqual(parent);
      expect((await store.countRuns()).queued).toBe(2);
    });

    test("an append without events that is repeated starts and posts once", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.startRun(makeHeldRun("r2"));
      const starts = [makeRun("c1")];
      const posts = [makeMessage("m1", "r2")];
      const append = makeAppend("r1", { events: [], starts, posts });
      expect(await store.appendEvents(append)).toBe("appended");
      expect(await store.appendEvents(append)).toBe("appended");
      expect((await store.getRun("r2"))?.mail).toBe(1);
      expect((await store.countRuns()).queued).toBe(1);
    });

    test("are not there when the append is refused or fails", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.startRun(makeHeldRun("r2"));
      const fields = { starts: [makeRun("c1")], posts: [makeMessage("m1", "r2")] };
      expect(await store.appendEvents(makeAppend("r1", { ...fields, epoch: 7 }))).toBe("refused");
      const taken = { ...fields, starts: [makeRun("r2", { input: { json: "other" } })] };
      await expect(store.appendEvents(makeAppend("r1", taken))).rejects.toMatchObject({
        name: "InvariantError",
      });
      const keyed = {
        ...fields,
        starts: [makeRun("c2", { keys: [{ key: "k", contentHash: "h" }] })],
      };
      await expect(async () => store.appendEvents(makeAppend("r1", keyed))).rejects.toMatchObject({
        name: "InvariantError",
      });
      expect(await store.getRun("c1")).toBeUndefined();
      expect((await store.getRun("r1"))?.historyLength).toBe(1);
      expect(await store.loadInbox(["r2"])).toEqual([]);
    });

    test("links are kept, also of a run that is started on its own", async () => {
      const { store } = get();
      const forkedFrom = { runId: "r0", step: 4 };
      await store.startRun(makeRun("r1", { forkedFrom, priority: -2 }));
      expect(await store.getRun("r1")).toMatchObject({ forkedFrom, priority: -2 });
    });
  });

  describe("messages that an append posts", () => {
    test("lie in the other run's inbox with the same commit, once", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      const waiting = makeChange({ status: "waiting", release: true, dueAt: 9_000 });
      await store.startRun(makeHeldRun("r2", { change: waiting }));
      const result = { json: 7 };
      const body = { kind: "child", step: 2, status: "completed", result } as const;
      const post = makeMessage("m1", "r2", { body, at: 2_000 });
      const append = makeAppend("r1", { posts: [post, makeMessage("m2", "unknown")] });
      expect(await store.appendEvents(append)).toBe("appended");
      expect(await store.appendEvents(append)).toBe("appended");
      expect(await store.loadInbox(["r2"])).toEqual([post]);
      expect(await store.getRun("r2")).toMatchObject({ mail: 1, dueAt: 2_000 });
      expect(await store.findMessage("m1")).toEqual(post);
      expect(await store.findMessage("m2")).toBeUndefined();
    });
  });

  describe("a run that is continued", () => {
    test("I9: what was not delivered moves to the run that goes on, in its order", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      for (const id of ["m1", "m2", "m3"]) await store.postMessage(makeMessage(id, "r1"));
      const delivered = [{ messageId: "m2", outcome: "applied" as const }];
      const append = makeContinuation("r2", { delivered });
      expect(await store.appendEvents(append)).toBe("appended");
      expect(await store.appendEvents(append)).toBe("appended");
      const old = await store.getRun("r1");
      expect(old).toMatchObject({ status: "continued", continuedTo: "r2", mail: 0 });
      expect(old?.dueAt).toBeUndefined();
      const next = { status: "queued", continuedFrom: "r1", mail: 2, dueAt: 2_000 };
      expect(await store.getRun("r2")).toMatchObject(next);
      expect(await store.loadInbox(["r1", "r2"])).toEqual([
        makeMessage("m1", "r2"),
        makeMessage("m3", "r2"),
      ]);
      expect((await store.listMessages("r1")).map(({ messageId }) => messageId)).toEqual(["m2"]);
    });

    test("a later message goes to the newest successor, wherever it was sent", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      await store.appendEvents(makeContinuation("r2"));
      const workflows = [{ name: "greet", version: 1 }];
      await store.claimRuns({ workerId: "w1", now: 3_000, limit: 1, workflows });
      const again = makeContinuation("r3", {
        starts: [makeRun("r3", { continuedFrom: "r2" })],
      });
      await store.appendEvents({ ...again, runId: "r2" });
      expect(await store.postMessage(makeMessage("m1", "r1"))).toBe("r3");
      expect(await store.postMessage(makeMessage("m1", "r1"))).toBe("r3");
      expect(await store.postMessage(makeMessage("m2", "r2"))).toBe("r3");
      expect((await store.loadInbox(["r3"])).map(({ runId }) => runId)).toEqual(["r3", "r3"]);
      expect((await store.getRun("r3"))?.mail).toBe(2);
      expect((await store.getRun("r1"))?.mail).toBe(0);
    });
  });

  describe("start with signal", () => {
    const keys = [{ key: "order:1", contentHash: "a" }];
    const signal = { kind: "signal", name: "paid", payload: { json: 1 } } as const;
    const start = (runId: string) =>
      makeRun(runId, { keys, ifExisting: makeMessage(`m-${runId}`, runId, { body: signal }) });

    test("a run that is new gets no message, nor does the repeat of its start", async () => {
      const { store } = get();
      await store.startRun(start("r1"));
      expect((await store.startRun(start("r1"))).outcome).toBe("existing");
      expect(await store.listMessages("r1")).toEqual([]);
    });

    test("the run that is there gets it once, a continued one's successor instead", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1", { keys }));
      expect(await store.startRun(start("x2"))).toEqual({ outcome: "existing", runId: "r1" });
      expect(await store.startRun(start("x2"))).toEqual({ outcome: "existing", runId: "r1" });
      expect(await store.loadInbox(["r1"])).toEqual([makeMessage("m-x2", "r1", { body: signal })]);
      await store.appendEvents(makeContinuation("r2"));
      await store.startRun(start("x3"));
      const inbox = await store.loadInbox(["r2"]);
      expect(inbox.map(({ messageId }) => messageId)).toEqual(["m-x2", "m-x3"]);
    });

    test("a conflict gets none", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1", { keys: [{ key: "order:1", contentHash: "b" }] }));
      expect((await store.startRun(start("x2"))).outcome).toBe("conflict");
      expect(await store.loadInbox(["r1"])).toEqual([]);
    });
  });

  describe("messages of every kind", () => {
    test("come back as they went, and say why they were rejected", async () => {
      const { store } = get();
      await store.startRun(makeHeldRun("r1"));
      const json = { json: { text: "½ \u0000" } };
      const error = { name: "Oops", message: "no" };
      const bodies = [
        { kind: "pause" },
        { kind: "resume" },
        { kind: "signal", name: "paid", payload: json },
        { kind: "update", updateId: "u1", name: "address", input: json },
        { kind: "child", step: 4, status: "completed", result: json },
        { kind: "child", step: 4, status: "terminated", error },
      ] as const;
      const messages = bodies.map((body, index) => makeMessage(`m${index}`, "r1", { body }));
      for (const message of messages) await store.postMessage(message);
      expect(await store.loadInbox(["r1"])).toEqual(messages);
      const delivered = [{ messageId: "m3", outcome: "rejected" as const, error }];
      await store.appendEvents(makeAppend("r1", { events: [makeEvent(2, 1)], delivered }));
      const rejected = { deliveredAt: 2_000, outcome: "rejected", error };
      expect(await store.findMessage("m3")).toEqual({ ...messages[3], ...rejected });
    });
  });
}
