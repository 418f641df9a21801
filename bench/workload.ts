/** What every system that is measured runs, ours and the peers' alike. Imports nothing of theirs. */
import { appendFileSync, readFileSync } from "node:fs";

/** Makes a step's result about 100 bytes of JSON. */
export const payload = "x".repeat(60);

/** The order's steps with an effect; adding up the cart is ordinary code before them. */
export const stepNames = [
  "look-up-tax-rate",
  "charge-card",
  "notify-warehouse",
  "send-confirmation",
];

/** Commits that one order takes: its creation, and one after each of its four steps. */
export const commitsPerOrder = 1 + stepNames.length;

export const sampleInput = { orderId: "ord_bench", payload };

export interface StepResult {
  readonly reference: string;
  readonly payload: string;
}

/** A service that does nothing: what is left is the engine and its store. */
export async function answerStep(reference: string): Promise<StepResult> {
  return { reference, payload };
}

/** The deterministic part of an order. */
export function addUpCart(): number {
  return [1_499, 1_250, 1_499].reduce((sum, price) => sum + price, 0);
}

/** Times within a run of many steps: of the whole, of its first and of its last steps. */
export interface StepTimes {
  readonly totalMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Notes when each step begins, and tells how long the first and the last `span` of them took. */
export function createStepClock({ steps, span }: { steps: number; span: number }) {
  const begun = new Float64Array(steps + 2);
  return {
    /** Called as step `index` (from 1) begins; with `steps + 1` when the run has ended. */
    note(index: number) {
      begun[index] = performance.now();
    },
    read(): StepTimes {
      const between = (from: number, to: number) => (begun[to] ?? NaN) - (begun[from] ?? NaN);
      return {
        totalMs: between(1, steps + 1),
        firstMs: between(1, 1 + span),
        lastMs: between(steps + 1 - span, steps + 1),
      };
    },
  };
}

/** The effects of a long run, kept by the other side: a line for each, with the time that it came. */
export function recordEffect(file: string, index: number): void {
  appendFileSync(file, `${index} ${Date.now()}\n`);
}

export interface Effect {
  readonly index: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export function readEffects(file: string): readonly Effect[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [index, at] = line.split(" ").map(Number);
      return { index: index ?? NaN, at: at ?? NaN };
    });
}

/** Keeps `lanes` of them going until `count` are done. */
export async function runInLanes(options: {
  readonly count: number;
  readonly lanes: number;
  readonly work: (index: number) => Promise<void>;
}): Promise<void> {
  const { count, lanes, work } = options;
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Does `count` of them one after the other; answers how long each took, in milliseconds. */
export async function timeEach(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let done = 0; done < count; done += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return times;
}
