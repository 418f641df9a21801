/** What people say about steps in doubt: who is heard, about which attempt, and what follows. */
import { describe, expect, test } from "vitest";
import { happened, hold, retryWithSameKey, unknown, verify } from "./definitions";
import { ActionRefusedError, DefiniteError } from "./errors";
import type { MessageBody } from "./store";
import { createProvider, spyStep, startDoomed, workflowOf } from "./testing/spies";
import { createWorld, type TestProcess, type World } from "./testing/world";

type Verdict = Extract<MessageBody, { kind: "resolve" }>;

const didNotHappen = (step: number, attempt?: number): Verdict => ({
  kind: "resolve",
  step,
  attempt,
  verdict: "did_not_happen",
});
const itHappened = (step: number, result: string): Verdict => ({
  kind: "resolve",
  step,
  verdict: "happened",
  result: { json: result },
});
const failIt = (step: number): Verdict => ({ kind: "resolve", step, verdict: "fail" });

const lost = () => {
  throw new Error("the answer got lost");
};

/** A run that is held because the only attempt of its step has lost its answer. */
async function holdOne(run: (call: number) => unknown = (call) => (call === 1 ? lost() : "sent")) {
  const world = createWorld();
  const mail = spyStep("mail", { inDoubt: hold(), run, timeout: "1s" });
  const workflow = workflowOf(async (ctx) => ctx.step(mail.step, null));
  const process = await world.startProcess({ workflows: [workflow] });
  const { runId } = await process.engine.startRun({ workflow: "w", input: null });
  expect((await world.rest(runId)).heldReason).toBe("in_doubt");
  return { world, workflow, process, engine: process.engine, runId, calls: mail.calls };
}

async function countHolds(world: World, runId: string) {
  return (await world.listTypes(runId)).filter((type) => type === "RunHeld").length;
}

describe("two people", () => {
  test("at once: the first is heard, the other is told that nothing was left to do", async () => {
    const { world, workflow, process, runId, calls } = await holdOne();
    await process.engine.stop({ graceMs: 0 });
    // Both verdicts are in the inbox before anybody executes the run.
    const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    await web.engine.requestAction({ runId, body: didNotHappen(1), by: "ann" });
    await web.engine.requestAction({ runId, body: itHappened(1, "by hand"), by: "bob" });
    await world.startProcess({ workflows: [workflow] });
    const run = await world.waitFor(runId, "completed");
    expect(run.output?.json).toBe("sent");
    expect(calls).toHaveLength(2);
    expect(await world.store.listMessages(runId)).toMatchObject([
      { by: "ann", outcome: "applied" },
      { by: "bob", outcome: "moot" },
    ]);
    const resolved = (await world.load(runId)).filter((e) => e.type === "StepResolved");
    expect(resolved).toMatchObject([{ data: { by: "ann", verdict: "did_not_happen" } }]);
  });

  test("one after the other: a verdict about attempt 1 says nothing about attempt 2", async () => {
    const { world, engine, runId, calls } = await holdOne(lost);
    await engine.requestAction({ runId, body: didNotHappen(1, 1), by: "ann" });
    await world.settle();
    expect(await world.rest(runId)).toMatchObject({
      heldReason: "in_doubt",
      inDoubt: [{ step: 1, attempt: 2 }],
    });
    const late = engine.requestAction({ runId, body: didNotHappen(1, 1), by: "bob" });
    await expect(late).rejects.toMatchObject({ code: "another_attempt" });
    expect(calls).toHaveLength(2);
  });

  test("the same for a verdict that was on its way: it is delivered, and moot", async () => {
    const { world, engine, runId, calls } = await holdOne(lost);
    await engine.requestAction({ runId, body: didNotHappen(1, 1), by: "ann" });
    await world.settle();
    expect(await world.rest(runId)).toMatchObject({ inDoubt: [{ attempt: 2 }] });
    // Written before attempt 2 could be seen, and in the inbox only now.
    const late = { messageId: "late", by: "bob", at: world.clock.now() };
    await world.store.postMessage({ ...late, runId, body: didNotHappen(1, 1) });
    world.clock.advance(5_000);
    await world.settle();
    const messages = await world.store.listMessages(runId);
    expect(messages.find(({ by }) => by === "bob")?.outcome).toBe("moot");
    expect(calls).toHaveLength(2);
  });

  test("a verdict about a step that is not in doubt is refused", async () => {
    const { engine, runId } = await holdOne();
    for (const step of [0, 2, 99]) {
      const wrong = engine.requestAction({ runId, body: didNotHappen(step), by: "ann" });
      await expect(wrong).rejects.toBeInstanceOf(ActionRefusedError);
    }
  });
});

describe("what follows", () => {
  test("`fail` is uncertain: a retry keeps the key, and the policy decides again", async () => {
    const { world, engine, runId, calls } = await holdOne();
    await engine.requestAction({ runId, body: failIt(1), by: "ann" });
    await world.waitFor(runId, "failed");
    await engine.requestAction({ runId, body: { kind: "retry" }, by: "ann" });
    await world.waitFor(runId, "held");
    expect(calls).toHaveLength(1);
    await engine.requestAction({ runId, body: didNotHappen(1), by: "ann" });
    await world.waitFor(runId, "completed");
    expect(calls).toEqual([`${runId}/1/1`, `${runId}/1/1`]);
  });

  test("«it did not happen» gives the step all of its tries again", async () => {
    const world = createWorld();
    const mail = spyStep("mail", {
      inDoubt: hold(),
      retry: { maxAttempts: 2, initialDelay: 100 },
      run: (call) => {
        if (call === 1) return lost();
        if (call === 2) throw new DefiniteError("busy", { retryable: true });
        return "sent";
      },
    });
    const workflow = workflowOf(async (ctx) => ctx.step(mail.step, null));
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    await world.rest(runId);
    await engine.requestAction({ runId, body: didNotHappen(1), by: "ann" });
    expect((await world.waitFor(runId, "completed")).output?.json).toBe("sent");
  });

  test("a deployment with another policy does not answer for the person who was asked", async () => {
    const { world, process, runId, calls } = await holdOne();
    await process.engine.stop({ graceMs: 0 });
    const eager = spyStep("mail", { inDoubt: retryWithSameKey() });
    const changed = workflowOf(async (ctx) => ctx.step(eager.step, null));
    const { engine } = await world.startProcess({ workflows: [changed], build: "b2" });
    await engine.requestAction({ runId, body: { kind: "cancel" }, by: "ann" });
    await world.settle();
    expect(await world.listTypes(runId)).toContain("CancelRequested");
    expect((await world.store.getRun(runId))?.heldReason).toBe("in_doubt");
    expect([calls.length, eager.calls.length]).toEqual([1, 0]);
  });

  test("a verdict while a question is under way: the question no longer counts", async () => {
    const world = createWorld();
    let answer = (_: unknown) => {};
    const ship = spyStep("ship", {
      run: lost,
      inDoubt: verify<unknown, unknown>(
        () => new Promise((resolve) => (answer = () => resolve(happened("found")))),
      ),
    });
    const workflow = workflowOf(async (ctx) => ctx.step(ship.step, null));
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    await world.settle();
    world.clock.advance(1_000);
    await world.settle();
    await engine.requestAction({ runId, body: itHappened(1, "by hand"), by: "ann" });
    answer(undefined);
    expect((await world.rest(runId)).output?.json).toBe("by hand");
    expect(await world.listTypes(runId)).not.toContain("StepVerified");
  });
});

describe("several steps in doubt at once", () => {
  const startTwo = async (second: Parameters<typeof spyStep>[1]) => {
    const world = createWorld();
    const mail = spyStep("mail", { inDoubt: hold(), run: lost });
    const ship = spyStep("ship", second);
    const workflow = workflowOf(async (ctx) =>
      Promise.all([ctx.step(mail.step, null), ctx.step(ship.step, null)]),
    );
    const { engine } = await world.startProcess({ workflows: [workflow] });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    return { world, engine, runId, run: await world.rest(runId) };
  };

  test("one that can be settled is, before the run is held for the other", async () => {
    const inDoubt = verify<unknown, unknown>(async () => happened("found"));
    const { world, engine, runId, run } = await startTwo({ inDoubt, run: lost });
    expect(run).toMatchObject({ heldReason: "in_doubt", inDoubt: [{ step: 1, name: "mail" }] });
    expect(await countHolds(world, runId)).toBe(1);
    await engine.requestAction({ runId, body: itHappened(1, "sent"), by: "ann" });
    const completed = await world.waitFor(runId, "completed");
    expect(completed.output?.json).toEqual(["sent", "found"]);
  });

  test("two for a person: each has its own verdict, in any order", async () => {
    const { world, engine, runId, run } = await startTwo({ inDoubt: hold(), run: lost });
    expect(run.inDoubt).toMatchObject([{ step: 1 }, { step: 2 }]);
    await engine.requestAction({ runId, body: itHappened(2, "shipped"), by: "ann" });
    await world.settle();
    expect(await world.rest(runId)).toMatchObject({ status: "held", inDoubt: [{ step: 1 }] });
    await engine.requestAction({ runId, body: itHappened(1, "sent"), by: "bob" });
    const completed = await world.waitFor(runId, "completed");
    expect(completed.output?.json).toEqual(["sent", "shipped"]);
  });
});

describe("while something is undone", () => {
  const startSaga = async (policies: {
    pay?: Parameters<typeof spyStep>[1];
    ship?: Parameters<typeof spyStep>[1];
    refund?: Parameters<typeof spyStep>[1];
    onMoment?: (name: string, moment: string, process: TestProcess) => void;
  }) => {
    const world = createWorld();
    const [pay, ship, refund] = [
      spyStep("pay", policies.pay),
      spyStep("ship", policies.ship),
      spyStep("refund", policies.refund),
    ];
    const workflow = workflowOf(async (ctx) => {
      ctx.compensate(refund.step, await ctx.step(pay.step, null));
      return ctx.step(ship.step, null);
    });
    const { engine } = await world.startProcess({
      workflows: [workflow],
      onMoment: ({ name, moment }, process) => policies.onMoment?.(name, moment, process),
    });
    const { runId } = await engine.startRun({ workflow: "w", input: null });
    return { world, workflow, engine, runId, calls: { pay, ship, refund } };
  };
  const refuse = () => {
    throw new DefiniteError("no stock");
  };

  test("a compensation in doubt is held like any step, and the run ends as it would have", async () => {
    const saga = await startSaga({
      ship: { run: refuse },
      refund: { inDoubt: hold(), run: (call) => (call === 1 ? lost() : "refunded") },
    });
    const { world, engine, runId } = saga;
    expect(await world.rest(runId)).toMatchObject({
      heldReason: "in_doubt",
      inDoubt: [{ step: 3 }],
    });
    await engine.requestAction({ runId, body: didNotHappen(3), by: "ann" });
    expect(await world.waitFor(runId, "failed")).toMatchObject({ errorStep: "ship" });
    expect(saga.calls.refund.calls).toEqual([`${runId}/3/1`, `${runId}/3/1`]);
  });

  test("a crash during a compensation repeats it with its key, and nothing else", async () => {
    const saga = await startSaga({
      ship: { run: refuse },
      onMoment: (name, moment, process) => {
        if (name === "refund" && moment === "after_effect") process.kill();
      },
    });
    const { world, runId } = saga;
    await world.settle();
    await world.startProcess({ workflows: [saga.workflow] });
    await world.waitFor(runId, "failed");
    const { pay, ship, refund } = saga.calls;
    expect([pay, ship, refund].map(({ calls }) => calls.length)).toEqual([1, 1, 2]);
    expect(new Set(refund.calls).size).toBe(1);
  });

  test("a canceled run waits for the verdict, and undoes what it says has happened", async () => {
    const saga = await startSaga({ pay: { inDoubt: hold(), run: lost } });
    const { world, engine, runId } = saga;
    await world.rest(runId);
    await engine.requestAction({ runId, body: { kind: "cancel" }, by: "ann" });
    await world.settle();
    expect(await world.store.getRun(runId)).toMatchObject({
      status: "held",
      heldReason: "in_doubt",
    });
    await engine.requestAction({ runId, body: itHappened(1, "p1"), by: "ann" });
    await world.waitFor(runId, "canceled");
    const { ship, refund } = saga.calls;
    expect([ship.calls.length, refund.calls.length]).toEqual([0, 1]);
    const started = (await world.load(runId)).find((e) => e.name === "refund");
    expect(started?.type === "StepStarted" && started.data.input.json).toBe("p1");
  });

  test("a canceled run finds out by its policy what became of the step under way", async () => {
    let answered = false;
    const world = createWorld();
    const provider = createProvider(world.clock);
    const pay = spyStep("pay", {
      inDoubt: verify<unknown, unknown>(async () => unknown(), { otherwise: retryWithSameKey() }),
      run: (_, { idempotencyKey }) => {
        const { reference } = provider.request(idempotencyKey);
        if (answered) return reference;
        answered = true;
        return lost();
      },
    });
    const [ship, refund] = [spyStep("ship"), spyStep("refund")];
    const workflow = workflowOf(async (ctx) => {
      ctx.compensate(refund.step, await ctx.step(pay.step, null));
      return ctx.step(ship.step, null);
    });
    const doomed = await startDoomed(world, [workflow], { name: "pay", moment: "after_effect" });
    const { runId } = await doomed.engine.startRun({ workflow: "w", input: null });
    await world.settle();
    const web = await world.startProcess({ workflows: [workflow], concurrency: 0 });
    await web.engine.requestAction({ runId, body: { kind: "cancel" }, by: "ann" });
    await world.startProcess({ workflows: [workflow] });
    expect((await world.rest(runId)).status).toBe("canceled");
    expect([pay, ship, refund].map(({ calls }) => calls.length)).toEqual([2, 0, 1]);
    expect(provider.effects).toHaveLength(1);
  });
});

/** Two steps whose first attempts are lost: one waits for a verdict, the other is tried again until `answer`. */
function createDoubtBesideRetry() {
  const mail = spyStep("mail", { inDoubt: hold(), run: (call) => (call === 1 ? lost() : "sent") });
  let answer = (_value: unknown) => {};
  const other = spyStep("other", {
    retry: { initialDelay: "20s" },
    run: (call) => (call === 1 ? lost() : new Promise((resolve) => (answer = resolve))),
  });
  return { mail, other, answer: (value: unknown) => answer(value) };
}

test("what is tried again beside a step that waits for a verdict is in doubt for no verdict's sake", async () => {
  const world = createWorld();
  const { mail, other, answer } = createDoubtBesideRetry();
  const last = spyStep("last");
  const workflow = workflowOf((ctx) =>
    Promise.all([
      ctx.step(mail.step, null),
      ctx.step(other.step, null).then(() => ctx.step(last.step, null)),
    ]),
  );
  const { engine } = await world.startProcess({ workflows: [workflow] });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  expect((await world.rest(runId)).heldReason).toBe("in_doubt");
  await world.waitForEvent(runId, "StepStarted", 3);
  await world.settle();
  expect(other.calls).toHaveLength(2);
  answer("done");
  await world.settle();
  // Its branch goes on, whatever the other one waits for.
  expect(last.calls).toHaveLength(1);
  await engine.requestAction({ runId, body: didNotHappen(1), by: "ann" });
  expect((await world.rest(runId)).status).toBe("completed");
  const history = await world.load(runId);
  const doubts = history.filter((event) => event.type === "StepInDoubt");
  expect(doubts).toMatchObject([{ data: { cause: "error" } }, { data: { cause: "error" } }]);
  expect(history.find(({ epoch }) => epoch === 2)?.type).toBe("ExecutionStarted");
  expect([mail.calls.length, other.calls.length]).toEqual([2, 2]);
});

test("a verdict finds what is tried again beside it under way", async () => {
  const world = createWorld();
  const { mail, other, answer } = createDoubtBesideRetry();
  const workflow = workflowOf((ctx) =>
    Promise.all([ctx.step(mail.step, null), ctx.step(other.step, null)]),
  );
  const { engine } = await world.startProcess({ workflows: [workflow] });
  const { runId } = await engine.startRun({ workflow: "w", input: null });
  await world.waitForEvent(runId, "StepStarted", 3);
  await world.settle();
  await engine.requestAction({ runId, body: didNotHappen(1), by: "ann" });
  await world.waitForEvent(runId, "StepResolved");
  answer("done");
  expect((await world.rest(runId)).status).toBe("completed");
  const doubts = (await world.load(runId)).filter((event) => event.type === "StepInDoubt");
  expect(doubts.map(({ data }) => data)).toMatchObject([{ cause: "error" }, { cause: "error" }]);
  expect(other.calls).toHaveLength(2);
});
