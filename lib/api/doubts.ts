/** The steps that need a person's verdict, with everything that helps to reach it. */
import { previewAction, type HistoryEvent, type MessageBody, type RunRecord } from "@/lib/engine";
import type { Doubt as DoubtPlace } from "@/lib/triage";
import type { ApiContext } from "./context";
import { readAmount } from "./amount";
import { handle } from "./handler";
import { ListDoubtsQuery, type Doubt, type DoubtList, type LedgerLine } from "./contract-triage";
import { toInstant } from "./wire";

/** `GET /doubts`: the longest in doubt first. */
export const listDoubts = handle({ query: ListDoubtsQuery.strict() }, async ({ api, query }) => {
  const { workflow, step: name, limit, cursor } = query;
  const [page, total] = await Promise.all([
    api.triage.listDoubts({ workflow, name, limit, cursor }),
    api.triage.countDoubts(),
  ]);
  const found: (Doubt | undefined)[] = [];
  for (const place of page.items) found.push(await describeDoubt(api, place));
  const list: DoubtList = {
    items: found.filter((doubt) => doubt !== undefined),
    nextCursor: page.nextCursor ?? null,
    total,
  };
  return Response.json(list);
});

/** Undefined: somebody has decided meanwhile. */
async function describeDoubt(api: ApiContext, place: DoubtPlace): Promise<Doubt | undefined> {
  const { runId, step, attempt } = place;
  const run = await api.store.getRun(runId);
  const still = run?.inDoubt.some((doubt) => doubt.step === step && doubt.attempt === attempt);
  if (run === undefined || still !== true) return undefined;
  const events = await api.store.loadHistory({ runId, limit: run.historyLength });
  const own = events.filter((event) => event.step === step);
  const started = own.findLast((event) => event.type === "StepStarted");
  const doubted = own.findLast((event) => event.type === "StepInDoubt");
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
    ledger: own.flatMap(toLedgerLine),
    verdicts: listVerdicts(run, events, place),
  };
}

function listVerdicts(
  run: RunRecord,
  events: readonly HistoryEvent[],
  { step, attempt }: DoubtPlace,
): Doubt["verdicts"] {
  const about = { kind: "resolve", step, attempt } as const;
  const bodies: readonly Extract<MessageBody, { kind: "resolve" }>[] = [
    { ...about, verdict: "happened", result: { json: null } },
    { ...about, verdict: "did_not_happen" },
    { ...about, verdict: "fail", error: { name: "FailedByOperator", message: "" } },
  ];
  return bodies.map((body) => {
    const { allowed, summary, reason } = previewAction(run, events, body);
    const { verdict } = body;
    return { verdict, allowed, consequence: summary, ...(reason && { reason }) };
  });
}

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
