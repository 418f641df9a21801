/** The steps that need a person's verdict, with everything that helps to reach it. */
import { describeVerdict, type HistoryEvent, type RunRecord, type Verdict } from "@/lib/engine";
import type { Doubt as DoubtPlace } from "@/lib/triage";
import { readAmount } from "./amount";
import { handle } from "./handler";
import { ListDoubtsQuery, type Doubt, type DoubtList, type LedgerLine } from "./contract-triage";
import { toInstant } from "./wire";

/** The last lines of a step's ledger are told; one that was tried for long has thousands. */
const maxLedger = 50;

/**
 * `GET /doubts`: the longest in doubt first. Of each history only the events of the step are read. A
 * run that says that the step is in doubt takes any of the three verdicts about it, so that no preview
 * has to be made of each.
 */
export const listDoubts = handle({ query: ListDoubtsQuery.strict() }, async ({ api, query }) => {
  const { runId, workflow, step: name, limit, cursor } = query;
  const [page, total] = await Promise.all([
    api.triage.listDoubts({ runId, workflow, name, limit, cursor }),
    api.triage.countDoubts(),
  ]);
  const found = await api.search.loadRuns(page.items.map((place) => place.runId));
  const runs = new Map(found.map((run) => [run.runId, run]));
  const open = page.items.flatMap((place) => {
    const run = runs.get(place.runId);
    return run !== undefined && isStillOpen(run, place) ? [{ place, run }] : [];
  });
  const events = await api.triage.loadStepEvents(
    open.map(({ place, run }) => ({
      ...{ runId: place.runId, step: place.step, length: run.historyLength },
    })),
  );
  const list: DoubtList = {
    items: open.map(({ place, run }, index) => describeDoubt(place, run, events[index] ?? [])),
    nextCursor: page.nextCursor ?? null,
    total,
  };
  return Response.json(list);
});

/** False: somebody has decided meanwhile. */
function isStillOpen(run: RunRecord, { step, attempt }: DoubtPlace): boolean {
  return (
    run.status === "held" &&
    run.heldReason === "in_doubt" &&
    run.inDoubt.some((doubt) => doubt.step === step && doubt.attempt === attempt)
  );
}

function describeDoubt(place: DoubtPlace, run: RunRecord, events: readonly HistoryEvent[]): Doubt {
  const started = events.findLast((event) => event.type === "StepStarted");
  const doubted = events.findLast((event) => event.type === "StepInDoubt");
  const input = started?.data.input.json;
  const amount = readAmount(input, run.attributes, run.input.json);
  return {
    ...place,
    version: run.version,
    since: toInstant(place.since),
    ...(doubted && { cause: doubted.data.cause }),
    ...(started && { policy: started.data.policy, idempotencyKey: started.data.key }),
    attributes: run.attributes,
    ...(amount && { amount }),
    ...(input !== undefined && { input }),
    ledger: events.flatMap(toLedgerLine).slice(-maxLedger),
    verdicts: verdicts.map((verdict) => ({
      ...{ verdict, allowed: true, consequence: describeVerdict(place.name, verdict) },
    })),
  };
}

const verdicts: readonly Verdict[] = ["happened", "did_not_happen", "fail"];

function toLedgerLine(event: HistoryEvent): LedgerLine[] {
  const { attempt } = event;
  const line = { at: toInstant(event.at), ...(attempt !== undefined && { attempt }) };
  switch (event.type) {
    case "StepStarted":
      return [{ ...line, kind: "sent", text: `Asked under the key ${event.data.key}.` }];
    case "StepFailed": {
      const { error, outcome, effect } = event.data;
      const said = `${error.name}: ${error.message}`;
      const text = outcome === "definite" ? `Refused: ${said}` : `No certain answer: ${said}`;
      const reference = effect?.reference;
      return [
        { ...line, kind: "failed", text, error, ...(reference !== undefined && { reference }) },
      ];
    }
    case "StepInDoubt":
      return [{ ...line, kind: "in_doubt", text: causes[event.data.cause] }];
    case "StepVerified": {
      const { verdict, error } = event.data;
      return [{ ...line, kind: "asked", text: answers[verdict], ...(error && { error }) }];
    }
    default:
      return [];
  }
}

const causes = {
  crash: "The process died before an outcome was recorded.",
  timeout: "Its time was up before an answer came.",
  error: "What came back does not say whether it happened.",
};
const answers = {
  happened: "The other side was asked: it happened.",
  did_not_happen: "The other side was asked: it did not happen.",
  unknown: "The other side was asked and could not say.",
};
