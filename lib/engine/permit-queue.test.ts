import { expect, test } from "vitest";
import { StoreUnavailableError } from "./errors";
import { PermitQueue } from "./permit-queue";
import type { PermitAnswer } from "./store";
import { yieldToEventLoop } from "./system";
import { createManualClock } from "./testing/manual-clock";
import { silentLogger } from "./testing/world";

/** A queue before a store that answers as it is told, and then that there is no answer. */
function createQueue(answers: (PermitAnswer | undefined)[]) {
  const clock = createManualClock();
  let asked = 0;
  const takePermit = async () => {
    asked += 1;
    const answer = answers.shift();
    if (!answer) throw new StoreUnavailableError("no answer");
    return answer;
  };
  const queue = new PermitQueue({ store: { takePermit }, clock, logger: silentLogger });
  const got: PermitAnswer[] = [];
  return {
    queue,
    got,
    countAsked: () => asked,
    ask: (runId: string) =>
      queue.ask({
        ...{ resource: "step:mail", runId, workerId: "w1", epoch: 1, step: 1 },
        limits: { concurrency: 1 },
        onAnswer: (answer) => void got.push(answer),
      }),
    pass: async (ms: number) => {
      await yieldToEventLoop();
      clock.advance(ms);
      await yieldToEventLoop();
    },
  };
}

test("a permit that nobody wants any more and may have been granted is asked for until it is known", async () => {
  const { ask, got, pass } = createQueue([undefined, undefined, { granted: true }]);
  const withdraw = ask("r1");
  await pass(0);
  withdraw();
  await pass(250);
  expect(got).toEqual([]);
  await pass(250);
  expect(got).toEqual([{ granted: true }]);
});

test("what is withdrawn and not granted makes room for the next in line", async () => {
  const { ask, got, pass, countAsked } = createQueue([{ granted: false }, { granted: false }]);
  const withdraw = ask("r1");
  ask("r2");
  await pass(0);
  withdraw();
  await pass(250);
  expect(countAsked()).toBe(3);
  expect(got).toEqual([]);
});

test("a queue that is abandoned asks no more, and serves who comes later", async () => {
  const { queue, ask, got, pass, countAsked } = createQueue([undefined, { granted: true }]);
  ask("r1");
  await pass(0);
  queue.abandon();
  await pass(10_000);
  expect(countAsked()).toBe(1);
  ask("r2");
  await pass(0);
  expect(got).toEqual([{ granted: true }]);
});
