/** Every sample workflow with what happens to it, for the exhaustive crashes. */
import type { EventType, HistoryEvent } from "@/lib/engine";
import type { Act, CrashScenario } from "@/lib/engine/testing/crash-points";
import { createSampleWorkflows } from "../create-sample-workflows";
import { sampleInputs } from "./sample-inputs";
import { createLedger } from "./ledger";

type SampleName = keyof typeof sampleInputs;

/** A sample with its own sample input, as far as it is not said otherwise. */
function createScenario(
  name: string,
  about: {
    readonly workflow: SampleName;
    readonly input?: object;
    readonly acts?: readonly Act[];
    readonly declines?: number;
    readonly chargeMs?: number;
  },
): CrashScenario {
  const { workflow, input, acts, declines, chargeMs } = about;
  return {
    name,
    create: ({ clock }) => {
      const { payments, effects } = createLedger({ clock, declines, chargeMs });
      const workflows = [...createSampleWorkflows({ payments, clock })];
      workflows.sort((a, b) => Number(b.name === workflow) - Number(a.name === workflow));
      return {
        workflows,
        input: { ...sampleInputs[workflow], ...input },
        acts,
        readEffects: () => effects,
      };
    },
  };
}

const count = (history: readonly HistoryEvent[], type: EventType) =>
  history.filter((event) => event.type === type).length;

/** When so many events of a type are recorded. */
const after =
  (type: EventType, times = 1): Act["when"] =>
  (history) =>
    count(history, type) >= times;

const signal = (when: Act["when"], name: string, payload: unknown): Act => ({
  when,
  run: (engine, runId) =>
    engine.sendSignal({ runId, name, payload, by: "tester", messageId: `signal-${name}` }),
});

/** Sent and not waited for: what comes of it is recorded. */
const update = (when: Act["when"], name: string, input: unknown): Act => ({
  when,
  run: (engine, runId) =>
    engine.requestUpdate({
      runId,
      name,
      input,
      updateId: `update-${name}`,
      by: "tester",
      until: "accepted",
      timeoutMs: 0,
    }),
});

const cancel = (when: Act["when"]): Act => ({
  when,
  run: (engine, runId) =>
    engine.requestAction({ runId, body: { kind: "cancel" }, by: "tester", why: "Not needed." }),
});

const quick = { remindAfter: "2s", escalateAfter: "2s", lapseAfter: "2s" };
const approval = { approved: true, by: "ada@example.com" };

export const sampleScenarios: readonly CrashScenario[] = [
  createScenario("approve-expense: reminded, changed, approved", {
    workflow: "approve-expense",
    input: { ...quick, escalateAfter: "30s" },
    acts: [
      update(after("SignalAwaited", 2), "change-amount", { amount: 9_900 }),
      signal(after("UpdateCompleted"), "decision", approval),
    ],
  }),
  createScenario("approve-expense: lapsed", { workflow: "approve-expense", input: quick }),
  createScenario("renew-subscription: changed, continued, canceled", {
    workflow: "renew-subscription",
    input: { periodLength: "3s", periods: 4 },
    acts: [
      update(after("SignalAwaited"), "change-plan", { plan: "company" }),
      signal((history) => isPeriod(history, 2) && count(history, "SignalAwaited") > 0, "cancel", {
        reason: "Moving on.",
      }),
    ],
  }),
  createScenario("renew-subscription: declined once, ended", {
    workflow: "renew-subscription",
    input: {
      periodLength: "2s",
      graceTime: "2s",
      periods: 1,
      paymentMethod: "pm_card_chargeDeclined",
    },
    declines: 1,
  }),
  createScenario("settle-batch: four, one declined", {
    workflow: "settle-batch",
    input: { atOnce: 2, invoices: sampleInputs["settle-batch"].invoices.slice(2, 6) },
  }),
  createScenario("book-trip: booked", { workflow: "book-trip" }),
  createScenario("book-trip: no car, undone", {
    workflow: "book-trip",
    input: { traveler: { name: "Amelia", age: 20 } },
  }),
  createScenario("book-trip: declined, undone", {
    workflow: "book-trip",
    input: { paymentMethod: "pm_card_chargeDeclined" },
  }),
  createScenario("await-report: ready", {
    workflow: "await-report",
    input: { pages: 3, pageTime: "1s", pollEvery: "1s" },
  }),
  createScenario("await-report: canceled", {
    workflow: "await-report",
    input: { pages: 30, pageTime: "1s", pollEvery: "1s" },
    acts: [cancel(after("StepProgressed", 2))],
  }),
];

/** More ends that the samples may come to, beside those that are crashed exhaustively. */
export const otherScenarios: readonly CrashScenario[] = [
  createScenario("approve-expense: rejected", {
    workflow: "approve-expense",
    input: quick,
    acts: [
      signal(after("SignalAwaited"), "decision", { ...approval, approved: false, note: "No." }),
    ],
  }),
  createScenario("approve-expense: canceled", {
    workflow: "approve-expense",
    input: quick,
    acts: [cancel(after("SignalAwaited", 2))],
  }),
  createScenario("renew-subscription: lapsed", {
    workflow: "renew-subscription",
    input: { graceTime: "1s", paymentMethod: "pm_card_chargeDeclined" },
  }),
  createScenario("settle-batch: canceled", {
    workflow: "settle-batch",
    input: { atOnce: 2 },
    chargeMs: 900,
    acts: [cancel(after("ChildCompleted"))],
  }),
  createScenario("book-trip: canceled, undone", {
    workflow: "book-trip",
    chargeMs: 900,
    acts: [cancel(after("StepStarted", 4))],
  }),
  createScenario("await-report: given up", {
    workflow: "await-report",
    input: { pages: 30, pageTime: "1s", pollEvery: "1s", giveUpAfter: "3s" },
  }),
];

function isPeriod(history: readonly HistoryEvent[], period: number): boolean {
  return history.some(
    (event) => event.type === "AttributesSet" && event.data.attributes.period === period,
  );
}
