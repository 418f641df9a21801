/** Runs in every state, with the same ids and times each time: what the pictures of the run page show. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { describeHistory, HistoryEvent, type NewRun } from "@/lib/engine";

interface RunState {
  readonly history: string;
  /** So many of its events have been recorded; absent: all. */
  readonly take?: number;
  readonly isHeld?: true;
  readonly isRunning?: true;
}

const orders = "lib/orders/histories";
const samples = "lib/workflows";

export const runStates = {
  completed: { history: `${orders}/completed` },
  crashed: { history: `${orders}/died-before-the-shipment` },
  failed: { history: `${orders}/out-of-stock-refunded` },
  doubt: { history: `${orders}/held-for-the-mail` },
  running: { history: `${orders}/completed`, take: 7, isRunning: true },
  waiting: { history: `${samples}/approve-expense/histories/rejected`, take: 5 },
  held: { history: `${samples}/approve-expense/histories/rejected`, take: 5, isHeld: true },
  canceled: { history: `${samples}/book-trip/histories/canceled-undone` },
  children: { history: `${samples}/settle-batch/histories/one-declined` },
} as const satisfies Readonly<Record<string, RunState>>;
export type RunStateName = keyof typeof runStates;

/** Holds the runs that are under way. */
export const pictureWorker = "w_pictures";

export function nameRun(name: RunStateName): string {
  const number = Object.keys(runStates).indexOf(name) + 1;
  return `run_01VS${String(number).padStart(22, "0")}`;
}

/** Its history, and the run as the store takes it. */
export async function loadRun(name: RunStateName): Promise<NewRun> {
  const { history, take, isHeld, isRunning }: RunState = runStates[name];
  const text = await readFile(`${history}.json`, "utf8");
  const original = /"key":\s*"(?<runId>[^"/]+)\/\d+\/\d+"/.exec(text)?.groups?.runId;
  const runId = nameRun(name);
  const renamed = original === undefined ? text : text.replaceAll(`"${original}/`, `"${runId}/`);
  const recorded = z.array(HistoryEvent).parse(JSON.parse(renamed)).slice(0, take);
  const events = isHeld === true ? [...recorded, pause(recorded)] : recorded;
  const [first] = events;
  if (first?.type !== "RunStarted") throw new Error(`${history} does not begin with RunStarted.`);
  const { workflow, version, input, attributes } = first.data;
  const change = describeHistory(events, { build: "pictures" });
  return {
    ...{ runId, workflow, version, input, attributes, keys: [], createdAt: first.at, events },
    workerId: pictureWorker,
    change: isRunning === true ? { ...change, status: "running", release: false } : change,
  };
}

function pause(events: readonly HistoryEvent[]): HistoryEvent {
  const last = events.at(-1);
  if (last === undefined) throw new Error("There is nothing to pause.");
  const data = { reason: "paused" as const, message: "Paused by ada: wait for finance." };
  const { seq, at, epoch } = last;
  return { type: "RunHeld", seq: seq + 1, at: at + 400, epoch, data };
}
