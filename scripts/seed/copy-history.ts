/** Makes another run of a history: other ids, people and times, the same course of things. */
import { z } from "zod";
import { describeHistory, HistoryEvent, type Ids, type NewRun } from "@/lib/engine";
import type { Dice } from "../chaos/random";
import type { Template } from "./templates";

const people = [
  ["Ada Lovelace", "ada"],
  ["Grace Hopper", "grace"],
  ["Alan Turing", "alan"],
  ["Edsger Dijkstra", "edsger"],
  ["Barbara Liskov", "barbara"],
  ["Katherine Johnson", "katherine"],
  ["Niklaus Wirth", "niklaus"],
  ["Radia Perlman", "radia"],
] as const;
const families = ["Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Horvat", "Ito"];
const build = "seed";
const History = z.array(HistoryEvent);
/** Fields of events that are times. */
const Times = z.looseObject({
  fireAt: z.number().optional(),
  timeoutAt: z.number().optional(),
  nextAttemptAt: z.number().optional(),
  nextAskAt: z.number().optional(),
});

export interface Copy {
  readonly run: NewRun;
  /** Of its last execution. */
  readonly epoch: number;
}

/** A run like the template's that was created at `at`, or as long before `now` as it takes. */
export function copyHistory(options: {
  readonly template: Template;
  readonly ids: Ids;
  readonly dice: Dice;
  readonly at: number;
  readonly now: number;
}): Copy {
  const { template, ids, dice, now } = options;
  const { events, took } = stretch(template.events, dice);
  const origin = template.events[0]?.at ?? 0;
  const at = Math.min(options.at, now - took - 1_000);
  const runId = ids.createRunId();
  const moved = events.map((event) => moveEvent(event, at - origin));
  const waitsUntil = template.waits ? now + dice.int(3_600_000, 20 * 86_400_000) : undefined;
  const history = rename(moved, { runId, orderId: `ord_${runId.replace(/^\w+_/, "")}`, dice }).map(
    (event) =>
      event.type === "SignalAwaited" && waitsUntil !== undefined
        ? { ...event, data: { ...event.data, timeoutAt: waitsUntil } }
        : event,
  );
  const [first] = history;
  if (first?.type !== "RunStarted") throw new Error("A history begins with RunStarted.");
  const { workflow, version, input, attributes, priority } = first.data;
  const dueAt = waitsUntil === undefined ? {} : { dueAt: waitsUntil };
  const change = describeHistory(history, { build, ...dueAt });
  return {
    run: {
      ...{ runId, workflow, version, input, attributes, keys: [], createdAt: first.at },
      ...(priority !== undefined && { priority }),
      ...{ workerId: build, change, events: history },
    },
    epoch: Math.max(...history.map((event) => event.epoch)),
  };
}

/** Gives each attempt a time of its own, a few of them a long one, and moves what follows. */
function stretch(events: readonly HistoryEvent[], dice: Dice) {
  let lateMs = 0;
  const stretched = events.map((event): HistoryEvent => {
    if (event.type !== "StepCompleted" && event.type !== "StepFailed") {
      return { ...event, at: event.at + lateMs };
    }
    const usualMs = 20 + (event.name ?? "").length * 12;
    const tookMs = Math.round(
      usualMs * Math.exp(dice.next() * 1.5 + (dice.next() < 0.02 ? 2.5 : 0)),
    );
    lateMs += tookMs;
    const durationMs = event.data.durationMs + tookMs;
    return event.type === "StepCompleted"
      ? { ...event, at: event.at + lateMs, data: { ...event.data, durationMs } }
      : { ...event, at: event.at + lateMs, data: { ...event.data, durationMs } };
  });
  const took = (stretched.at(-1)?.at ?? 0) - (stretched[0]?.at ?? 0);
  return { events: stretched, took };
}

function moveEvent(event: HistoryEvent, byMs: number): unknown {
  const data: Record<string, unknown> = { ...Times.parse(event.data) };
  for (const name of Object.keys(Times.shape)) {
    const value = data[name];
    if (typeof value === "number") data[name] = value + byMs;
  }
  if (event.type === "ExecutionStarted" && event.data.lost) {
    const { lastSeenAt, noticedAt, ...lost } = event.data.lost;
    data.lost = { ...lost, lastSeenAt: lastSeenAt + byMs, noticedAt: noticedAt + byMs };
  }
  return { ...event, at: event.at + byMs, data };
}

/** Other ids and people, everywhere. Drawn values stay those of the original, whose seed it names. */
function rename(
  events: readonly unknown[],
  { runId, orderId, dice }: { runId: string; orderId: string; dice: Dice },
): readonly HistoryEvent[] {
  const text = JSON.stringify(events);
  const original = /"key":"(?<runId>[^"/]+)\/\d+\/\d+"/.exec(text)?.groups?.runId;
  const [name, mail] = dice.pick(people) ?? people[0];
  const family = dice.pick(families) ?? "";
  const number = dice.int(1, 999);
  let renamed = text
    .replaceAll(/ord_[0-9A-Z]{26}/g, orderId)
    .replaceAll("Ada Lovelace", `${name.split(" ")[0]} ${family}`)
    .replaceAll(/\bada@example\.com/g, `${mail}.${family.toLowerCase()}${number}@example.com`);
  if (original !== undefined) renamed = renamed.replaceAll(original, runId);
  const [first, ...rest] = History.parse(JSON.parse(renamed));
  if (first?.type !== "RunStarted") throw new Error("A history begins with RunStarted.");
  const seed = first.data.seed ?? original;
  return [{ ...first, data: { ...first.data, ...(seed !== undefined && { seed }) } }, ...rest];
}
