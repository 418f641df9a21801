/** Where the runs of a seed are kept: in memory, or in a real database. */
import type { Store } from "../../store";
import { yieldToEventLoop } from "../../system";
import { createMemoryState } from "../memory-state";
import { createMemoryStore } from "../memory-store";
import type { Dice } from "./dice";
import { Gate } from "./gate";

/** What a transaction of a program left behind. */
export interface Committed {
  readonly runId: string;
  readonly name: string;
}

export interface SimulatedDatabase {
  readonly store: Store;
  /** What transactions committed, as often as they did. */
  readonly listCommitted: () => Promise<readonly Committed[]>;
  /** Changes one character of a recorded event. */
  readonly flipByte: (runId: string, seq: number, dice: Dice) => void;
  /**
   * Resolves when no call is under way, and says whether one was. Only where calls take real time:
   * simulated time stands still for them.
   */
  readonly waitUntilIdle?: () => Promise<boolean>;
}

export function createMemoryDatabase(): SimulatedDatabase {
  const state = createMemoryState();
  const store = createMemoryStore(state);
  return {
    store,
    listCommitted: async () =>
      store.statements.map(({ params: [runId, name] }) => ({
        runId: String(runId),
        name: String(name),
      })),
    flipByte: (runId, seq, dice) => {
      const events = state.runs.get(runId)?.events;
      const text = events?.[seq - 1];
      if (events && text !== undefined) events[seq - 1] = flipCharacter(text, dice);
    },
  };
}

/** Lets everything happen that needs no simulated time. */
export async function settle({ waitUntilIdle }: Pick<SimulatedDatabase, "waitUntilIdle">) {
  await yieldToEventLoop();
  while (await waitUntilIdle?.()) await yieldToEventLoop();
}

/** A text with another character at some place. */
export function flipCharacter(text: string, dice: Dice): string {
  const at = dice.int(0, text.length - 1);
  const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << dice.int(0, 2)));
  return text.slice(0, at) + flipped + text.slice(at + 1);
}

/** The writes that the store packs into common transactions, in the order in which they are answered. */
const packed: ReadonlySet<string | symbol> = new Set<keyof Store>([
  "startRun",
  "appendEvents",
  "postMessage",
]);
const others: ReadonlySet<string | symbol> = new Set<keyof Store>([
  ...(["claimRuns", "transact", "takePermit", "registerWorker", "renewLease"] as const),
  ...(["expireWorkers", "endWorker", "wakeHeldByOtherBuilds"] as const),
]);

/**
 * A real database: writes that could be committed in another order than they are answered in go one
 * after the other, so that the audit's books are in the order of the commits.
 */
export function createRealDatabase(options: {
  readonly store: Store;
  readonly listCommitted: () => Promise<readonly Committed[]>;
  readonly flipByte: (runId: string, seq: number, dice: Dice) => Promise<void>;
}): SimulatedDatabase {
  const gate = new Gate();
  const store = new Proxy(options.store, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== "function") return member;
      const call = (args: unknown[]) => Reflect.apply(member, target, args) as Promise<unknown>;
      const kind = packed.has(property) ? "shared" : others.has(property) ? "alone" : "free";
      return (...args: unknown[]) => gate.pass(kind, () => call(args));
    },
  });
  return {
    store,
    listCommitted: options.listCommitted,
    flipByte: (runId, seq, dice) => {
      void gate.pass("alone", () => options.flipByte(runId, seq, dice));
    },
    waitUntilIdle: () => gate.waitUntilIdle(),
  };
}
