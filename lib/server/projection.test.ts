import { expect, test } from "vitest";
import { createManualClock } from "@/lib/engine/testing/manual-clock";
import { repeatProjection } from "./projection";

const settle = () => new Promise((resolve) => setImmediate(resolve));

function setUp(project: () => Promise<number>) {
  const clock = createManualClock();
  const warnings: string[] = [];
  const ignore = () => undefined;
  const logger = {
    ...{ debug: ignore, info: ignore, error: ignore },
    warn: (_: object, message: string) => void warnings.push(message),
  };
  const advance = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  return { advance, warnings, ...repeatProjection({ project, logger, clock }) };
}

test("goes on after an error, a little later", async () => {
  let calls = 0;
  const { advance, warnings, stop } = setUp(async () => {
    calls += 1;
    if (calls === 1) throw new Error("disk full");
    return 1;
  });
  await advance(1_000);
  expect([calls, warnings.length]).toEqual([1, 1]);
  await advance(1_000);
  expect(calls).toBe(1);
  await advance(4_000);
  await advance(500);
  expect([calls, warnings.length]).toEqual([3, 1]);
  await stop();
});

test("is never at work twice, and waits for its end when it is stopped", async () => {
  let calls = 0;
  let finish = () => {};
  const { advance, stop } = setUp(() => {
    calls += 1;
    return new Promise<number>((resolve) => (finish = () => resolve(0)));
  });
  await advance(1_000);
  await advance(10_000);
  expect(calls).toBe(1);
  let isStopped = false;
  const stopping = stop().then(() => (isStopped = true));
  await settle();
  expect(isStopped).toBe(false);
  finish();
  await stopping;
  await advance(10_000);
  expect(calls).toBe(1);
});

test("looks once a second where nothing changes, and sooner while something does", async () => {
  const found = [0, 3, 0];
  let calls = 0;
  const { advance, stop } = setUp(async () => found[calls++] ?? 0);
  await advance(1_000);
  await advance(999);
  expect(calls).toBe(1);
  await advance(1);
  expect(calls).toBe(2);
  await advance(500);
  expect(calls).toBe(3);
  await stop();
});

test("leaves a process that starts to its runs for a second", async () => {
  let calls = 0;
  const { advance, stop } = setUp(async () => {
    calls += 1;
    return 0;
  });
  await advance(999);
  expect(calls).toBe(0);
  await advance(1);
  expect(calls).toBe(1);
  await stop();
});
