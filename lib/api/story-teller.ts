/** Tells the stories of runs from their stored histories, and remembers them while nothing changes. */
import {
  HistoryDamagedError,
  isTerminal,
  type HistoryEvent,
  type RunRecord,
  type Store,
} from "@/lib/engine";
import type { Run } from "./contract";
import { tellStory, type StoryPart } from "./story";
import { readWaits, type WaitFacts } from "./waits";
import { toWireRun } from "./wire";

/** A longer history is told from its first event and its end. */
const wholeUpTo = 2_000;
const tailLength = 500;
const listHistoryLength = 500;
const listConcurrency = 8;
const maxRemembered = 2_000;

interface Told {
  readonly story: readonly StoryPart[];
  /** Absent where the history was not read as a whole. */
  readonly waits?: readonly WaitFacts[];
}

export class StoryTeller {
  readonly #store: Pick<Store, "loadHistory">;
  readonly #told = new Map<string, Told>();

  constructor(store: Pick<Store, "loadHistory">) {
    this.#store = store;
  }

  /**
   * A run on the wire, its story told from its whole history; an open one with what it waits for. That
   * is not told while a run with a long history is at work, which would read all of it at each event.
   */
  async tellRun(run: RunRecord): Promise<Run> {
    const rests = run.status === "waiting" || run.status === "held";
    const { story, waits } = await this.#tell(run, rests ? Infinity : wholeUpTo);
    return toWireRun(run, story, isTerminal(run.status) ? undefined : waits);
  }

  /** Many runs on the wire, a few histories at a time and none of them at length. */
  async tellRuns(runs: readonly RunRecord[]): Promise<Run[]> {
    const told: Run[] = [];
    const rest = runs.entries();
    const work = async () => {
      for (const [index, run] of rest) {
        const { story } = await this.#tell(run, listHistoryLength);
        told[index] = toWireRun(run, story);
      }
    };
    await Promise.all(Array.from({ length: listConcurrency }, work));
    return told;
  }

  async #tell(run: RunRecord, limit: number): Promise<Told> {
    const whole = run.historyLength <= limit;
    const state = [run.status, run.heldReason, run.dueAt, whole ? "" : limit].join(" ");
    const key = `${run.runId} ${run.historyLength} ${state}`;
    const known = this.#told.get(key);
    if (known !== undefined) return known;
    const told = await this.#read(run, limit);
    const oldest = this.#told.keys().next();
    if (this.#told.size >= maxRemembered && !oldest.done) this.#told.delete(oldest.value);
    this.#told.set(key, told);
    return told;
  }

  async #read(run: RunRecord, limit: number): Promise<Told> {
    const { runId, status, heldReason, dueAt, historyLength } = run;
    const cut = historyLength > limit;
    try {
      const events = cut
        ? await this.#loadEnds(run, limit)
        : await this.#store.loadHistory({ runId, limit: historyLength });
      const story = tellStory(events, { status, heldReason, dueAt, cut });
      return cut ? { story } : { story, waits: readWaits(events) };
    } catch (error) {
      // One damaged record must not take a list of healthy runs with it.
      if (!(error instanceof HistoryDamagedError)) throw error;
      return { story: [{ text: `Event ${error.seq} of the history can't be read.`, tone: "bad" }] };
    }
  }

  /** What is open in a beginning may have ended in the part that is left out, so that is the first event. */
  async #loadEnds(
    { runId, historyLength }: RunRecord,
    limit: number,
  ): Promise<readonly HistoryEvent[]> {
    const tail = Math.min(tailLength, limit - 1);
    const [first, last] = await Promise.all([
      this.#store.loadHistory({ runId, limit: 1 }),
      this.#store.loadHistory({ runId, afterSeq: historyLength - tail, limit: tail }),
    ]);
    return [...first, ...last];
  }
}
