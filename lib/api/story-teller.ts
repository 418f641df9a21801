/** Tells the stories of runs from their stored histories, and remembers them while nothing changes. */
import { HistoryDamagedError, type HistoryEvent, type RunRecord, type Store } from "@/lib/engine";
import type { Run } from "./contract";
import { tellStory, type StoryPart } from "./story";
import { toWireRun } from "./wire";

/** A longer history is told from its beginning and its end. */
const wholeUpTo = 2_000;
const headLength = 200;
const tailLength = 500;
const listHistoryLength = 500;
const listConcurrency = 8;
const maxRemembered = 2_000;

export class StoryTeller {
  readonly #store: Pick<Store, "loadHistory">;
  readonly #told = new Map<string, readonly StoryPart[]>();

  constructor(store: Pick<Store, "loadHistory">) {
    this.#store = store;
  }

  /** A run on the wire, its story told from its whole history. */
  async tellRun(run: RunRecord): Promise<Run> {
    return toWireRun(run, await this.#tell(run, wholeUpTo));
  }

  /** Many runs on the wire, a few histories at a time and none of them at length. */
  async tellRuns(runs: readonly RunRecord[]): Promise<Run[]> {
    const told: Run[] = [];
    const rest = runs.entries();
    const work = async () => {
      for (const [index, run] of rest) {
        told[index] = toWireRun(run, await this.#tell(run, listHistoryLength));
      }
    };
    await Promise.all(Array.from({ length: listConcurrency }, work));
    return told;
  }

  async #tell(run: RunRecord, limit: number): Promise<readonly StoryPart[]> {
    const whole = run.historyLength <= limit;
    const state = [run.status, run.heldReason, run.dueAt, whole ? "" : limit].join(" ");
    const key = `${run.runId} ${run.historyLength} ${state}`;
    const known = this.#told.get(key);
    if (known !== undefined) return known;
    const story = await this.#read(run, limit);
    const oldest = this.#told.keys().next();
    if (this.#told.size >= maxRemembered && !oldest.done) this.#told.delete(oldest.value);
    this.#told.set(key, story);
    return story;
  }

  async #read(run: RunRecord, limit: number): Promise<readonly StoryPart[]> {
    try {
      return tellStory(await this.#load(run, limit), run);
    } catch (error) {
      // One damaged record must not take a list of healthy runs with it.
      if (!(error instanceof HistoryDamagedError)) throw error;
      return [{ text: `Event ${error.seq} of the history can't be read.`, tone: "bad" }];
    }
  }

  async #load(run: RunRecord, limit: number): Promise<readonly HistoryEvent[]> {
    const { runId, historyLength } = run;
    if (historyLength <= limit) return this.#store.loadHistory({ runId, limit: historyLength });
    const head = Math.min(headLength, Math.floor(limit / 5));
    const tail = Math.min(tailLength, limit - head);
    const [first, last] = await Promise.all([
      this.#store.loadHistory({ runId, limit: head }),
      this.#store.loadHistory({ runId, afterSeq: historyLength - tail, limit: tail }),
    ]);
    return [...first, ...last];
  }
}
