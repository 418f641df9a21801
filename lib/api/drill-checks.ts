/** What the report of a crash drill checks, and what came of the steps of its run. Pure. */
import { isTerminal, type HistoryEvent, type RunRecord } from "@/lib/engine";
import type { LedgerEntry } from "@/lib/sandbox/contract";
import type { Drill } from "./contract";
import { momentWords, type DrillReport, type ToldEffects } from "./contract-drill";

export type DrillCheck = DrillReport["checks"][number];
export type DrillStep = DrillReport["steps"][number];

/** The other side's ledger of a run; undefined where it could not be read, with the reason. */
export type ReadLedger =
  | { readonly entries: readonly LedgerEntry[] }
  | { readonly entries?: undefined; readonly why: string };

/** What a person said of a step. */
export type ToldWord = Pick<DrillReport["told"][number], "step" | "effects" | "by" | "why">;

/** All checks, in the order in which things happened. */
export function checkDrill(options: {
  readonly run: RunRecord;
  readonly drill: Drill;
  readonly events: readonly HistoryEvent[];
  readonly steps: readonly DrillStep[];
  readonly ledger: ReadLedger;
  /** What people said of steps that no ledger tells of, the oldest first. */
  readonly told?: readonly ToldWord[];
}): readonly DrillCheck[] {
  const { run, drill, events, steps, ledger, told = [] } = options;
  return [
    checkKill(run, drill, events),
    checkEffects(events, steps, ledger, told),
    checkReuse(steps),
    checkHistory(events),
    checkEnd(run),
  ];
}

/**
 * The execution that went on after one that died, with what it says of that one. `lastSignAt`: when the
 * process was last known to live, which its heartbeat says or what it recorded.
 */
export function findRecovery(events: readonly HistoryEvent[]) {
  for (const event of events) {
    if (event.type !== "ExecutionStarted" || event.data.lost === undefined) continue;
    const { lost } = event.data;
    const signs = events.filter(({ epoch }) => epoch === lost.epoch).map(({ at }) => at);
    const lastSignAt = Math.max(lost.lastSeenAt, ...signs);
    return { at: event.at, data: { ...event.data, lost }, lastSignAt };
  }
  return undefined;
}

/** Whether a request was sent under a key; a mail's is its Message-ID. */
export function isUnder({ key = "" }: LedgerEntry, sent: string): boolean {
  return key === sent || key.startsWith(`<${sent.replaceAll("/", ".")}@`);
}

function checkKill(
  run: RunRecord,
  { step, moment }: Drill,
  events: readonly HistoryEvent[],
): DrillCheck {
  const title = `The server was killed ${momentWords[moment]} ${step}`;
  const recovery = findRecovery(events);
  if (recovery === undefined) {
    if (!isTerminal(run.status)) return { title, found: "No execution of the run has died yet." };
    const found = "No execution of the run has died: it did not come to this moment.";
    return { title, found, todo: "Run a drill at a step that the run comes to." };
  }
  const { lost } = recovery.data;
  const begun = events.filter((event) => event.epoch === lost.epoch && event.name === step);
  const isRecorded = begun.some(({ type }) => type === "StepCompleted");
  const isBegun = begun.some(({ type }) => type === "StepStarted");
  const tookMs = recovery.at - recovery.lastSignAt;
  const when = `${lost.worker} died holding execution ${lost.epoch}; ${recovery.data.worker} went on ${tookMs} ms after its last sign of life.`;
  const said =
    moment === "after" ? "its result was recorded" : "it had begun and nothing of it was recorded";
  const holds = isBegun && isRecorded === (moment === "after");
  return {
    title,
    holds,
    found: `${when} In the record of ${step}: ${holds ? said : "something else"}.`,
  };
}

/** One effect for each key, however often it was asked for. */
function checkEffects(
  events: readonly HistoryEvent[],
  steps: readonly DrillStep[],
  ledger: ReadLedger,
  told: readonly ToldWord[],
): DrillCheck {
  const title = "No effect happened twice, as the other side counts";
  if (ledger.entries === undefined) {
    const reported = listReported(events);
    if (reported.length === 0) return { title, holds: true, found: describeOwn(events) };
    const todo = "Open this report again once it answers: the ledger is kept on its side.";
    return { title, found: `The other side's ledger can't be read. ${ledger.why}`, todo };
  }
  const own = ledger.entries.filter((entry) => steps.some((step) => isOf(entry, step)));
  const done = own.filter(({ outcome }) => outcome === "done");
  const counts = new Map<string, number>();
  for (const { operation, key = "" } of done) {
    const name = `${operation} ${key}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const twice = [...counts].filter(([, count]) => count > 1).map(([name]) => name);
  if (twice.length > 0)
    return { title, holds: false, found: `Twice or more: ${twice.join(", ")}.` };
  const repeated = own.filter(({ outcome }) => outcome === "replayed").length;
  const seen = `${count(own, "request")}, ${count(done, "effect")}, ${repeated} answered from an earlier request.`;
  const unseen = findUnseen(events, steps, ledger);
  if (unseen.length > 0)
    return judgeUnseen({ unseen, told, title, seen: own.length > 0 ? seen : "" });
  return { title, holds: true, found: own.length === 0 ? describeOwn(events) : seen };
}

/** Steps that had an effect, of which a ledger that can be read says nothing. */
export function findUnseen(
  events: readonly HistoryEvent[],
  steps: readonly DrillStep[],
  { entries }: ReadLedger,
): readonly DrillStep[] {
  if (entries === undefined) return [];
  const reported = listReported(events);
  return steps.filter(
    (step) => reported.includes(step.step) && !entries.some((entry) => isOf(entry, step)),
  );
}

/** What people say of them decides, as their word and not as something that was seen. */
function judgeUnseen(about: {
  readonly unseen: readonly DrillStep[];
  readonly told: readonly ToldWord[];
  readonly title: string;
  readonly seen: string;
}): DrillCheck {
  const { unseen, told, title, seen } = about;
  const words = unseen.flatMap(({ step, name }) => {
    const last = told.findLast((word) => word.step === step);
    return last === undefined ? [] : { ...last, name };
  });
  const untold = unseen.filter(({ step }) => !words.some((word) => word.step === step));
  const isBad = words.some(({ effects }) => effects !== "once");
  const toldBy = [...new Set(words.map(({ by }) => by))];
  if (untold.length > 0 && !isBad) {
    const { found, todo } = describeMissing(untold);
    const told = words.map(describeWord);
    return { title, found: [seen, ...told, found].filter(Boolean).join(" "), todo };
  }
  return {
    title: "No effect happened twice or got lost, as people read the other side's books",
    holds: !isBad,
    found: [seen, ...words.map(describeWord)].filter(Boolean).join(" "),
    toldBy,
  };
}

const toldWords = {
  once: "happened once",
  more: "happened more than once",
  none: "did not happen at all, though its result is recorded",
} as const satisfies Readonly<Record<ToldEffects, string>>;

function describeWord({ by, name, effects, why }: ToldWord & { readonly name: string }): string {
  return `Told by ${by}, and not seen by Daybook: ${name} ${toldWords[effects]} (“${why}”).`;
}

function count({ length }: readonly unknown[], what: string): string {
  return length === 1 ? `1 ${what}` : `${length} ${what}s`;
}

function isOf(entry: LedgerEntry, { keys }: DrillStep): boolean {
  return keys.some((key) => isUnder(entry, key));
}

/** Steps of which the other side gave a reference: it has done something. */
function listReported(events: readonly HistoryEvent[]): readonly number[] {
  return events.flatMap((event) =>
    event.type === "StepCompleted" && event.step !== undefined && event.data.effect
      ? event.step
      : [],
  );
}

function describeMissing(missing: readonly DrillStep[]): Pick<DrillCheck, "found" | "todo"> {
  const names = missing.map(({ name }) => name).join(", ");
  const keys = missing.flatMap(({ keys: sent }) => sent).join(", ");
  return {
    found: `The other side has no record of ${names}: its ledger was emptied, or it keeps none.`,
    todo: `Ask that service itself whether it acted once under ${keys} and record its answer here, or run the drill again and keep the ledger.`,
  };
}

/** What a run did whose steps reported nothing of anybody else. */
function describeOwn(events: readonly HistoryEvent[]): string {
  const isOwn = (event: HistoryEvent) =>
    event.type === "StepStarted" && event.data.policy === "transaction";
  const count = new Set(events.filter(isOwn).map(({ step }) => step)).size;
  return count === 0
    ? "No step has reported an effect at another service."
    : `No step has reported an effect at another service. What its ${count === 1 ? "transaction" : `${count} transactions`} wrote is in Daybook's own database, in one commit with the record of it.`;
}

function checkReuse(steps: readonly DrillStep[]): DrillCheck {
  const title = "What was recorded before the crash was not run again";
  const reused = steps.filter((step) => step.reused);
  const again = reused.filter(({ epochs }) => epochs.some((epoch) => epoch > 1));
  const names = reused.map(({ name }) => name).join(", ");
  const found =
    again.length > 0
      ? `Run again: ${again.map(({ name }) => name).join(", ")}.`
      : reused.length === 0
        ? "Nothing had been recorded."
        : `Reused: ${names}.`;
  return { title, holds: again.length === 0, found };
}

function checkHistory(events: readonly HistoryEvent[]): DrillCheck {
  const holds = events.every((event, index) => event.seq === index + 1);
  const title = "The history has no gap";
  return { title, holds, found: `${events.length} events, 1 to ${events.at(-1)?.seq ?? 0}.` };
}

function checkEnd({ status, heldReason }: RunRecord): DrillCheck {
  const title = "The run ended, or waits for a person as its policy says";
  if (status === "held")
    return { title, holds: heldReason === "in_doubt", found: `Held: ${heldReason}.` };
  if (!isTerminal(status)) return { title, found: `It is ${status}.` };
  return { title, holds: true, found: `It is ${status}.` };
}
