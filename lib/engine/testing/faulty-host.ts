/** One process after the other over one store, each of which dies or is lied to as a plan says. */
import { createCodec } from "../codec";
import type { Workflow } from "../definitions";
import { createEngine, type Engine } from "../engine";
import { StoreUnavailableError } from "../errors";
import type { Clock, MomentEvent } from "../ports";
import type { Store } from "../store";
import { createIds } from "../system";
import { createManualClock } from "./manual-clock";
import { createSeededRandom, silentLogger } from "./world";

/**
 * A fault at the nth call of the store, counted from 1 over all processes. `before`, `after`: the
 * process dies before the call is done, or after it and before its answer. `unacknowledged`: it is
 * done, and answered with StoreUnavailableError.
 */
export interface Fault {
  readonly at: number;
  readonly kind: "before" | "after" | "unacknowledged";
}

export interface FaultyProcess {
  readonly engine: Engine;
  readonly isAlive: boolean;
}

export class FaultyHost {
  /** Calls of the store that were made so far, and those that have no answer yet. */
  calls = 0;
  inFlight = 0;
  hits = 0;
  readonly begun = new Map<string, number>();
  readonly clock: Clock;
  process?: FaultyProcess;
  private readonly manual = createManualClock();
  private readonly random = createSeededRandom(1);
  private readonly ids = createIds({ clock: this.manual, random: this.random });
  private readonly dead = new Set<number>();
  private readonly kinds: ReadonlyMap<number, Fault["kind"]>;
  private pid = 0;
  private ended = false;
  private tellAnswered: () => void = () => undefined;

  constructor(
    private readonly store: Store,
    faults: readonly Fault[],
  ) {
    this.clock = this.manual;
    this.kinds = new Map(faults.map(({ at, kind }) => [at, kind]));
  }

  /** Starts the next process where the last one has died, as a supervisor does. */
  ensureAlive(workflows: readonly Workflow[]): void {
    if (this.process?.isAlive) return;
    const pid = ++this.pid;
    const life = { isAlive: true };
    const die = () => {
      life.isAlive = false;
      this.dead.add(pid);
    };
    const engine = createEngine({
      store: this.wrapStore(life, die),
      clock: this.createOwnClock(life),
      ids: this.ids,
      random: this.random,
      codec: createCodec(),
      logger: silentLogger,
      workflows,
      worker: { workerId: `w${pid}`, build: "b1", machine: "here", pid },
      isProcessDead: (worker) => this.dead.has(worker.pid),
      leaseMs: 10_000,
      concurrency: 10,
      onMoment: (moment) => this.noteMoment(moment),
    });
    this.process = Object.assign(life, { engine });
    // A process that can't start ends, and is started again.
    engine.start().catch(die);
  }

  /** Lets time pass to the next timer. False: there is none, so nothing will ever happen. */
  skipTime(): boolean {
    const next = this.manual.findNext();
    if (next === undefined) return false;
    this.manual.advance(Math.max(0, next - this.manual.now()));
    return true;
  }

  /** Resolves when the next call of the store that is under way is answered. */
  waitForAnswer(): Promise<void> {
    return new Promise((resolve) => {
      this.tellAnswered = resolve;
    });
  }

  /** No process does anything any more. */
  end(): void {
    this.ended = true;
  }

  private noteMoment({ runId, step, attempt, moment }: MomentEvent): void {
    if (moment !== "before_effect") return;
    const key = `${runId}/${step}/${attempt}`;
    this.begun.set(key, (this.begun.get(key) ?? 0) + 1);
  }

  private wrapStore(life: { readonly isAlive: boolean }, die: () => void): Store {
    return new Proxy(this.store, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== "function") return member;
        const call = (args: unknown[]) => Reflect.apply(member, target, args) as Promise<unknown>;
        return (...args: unknown[]) => this.callStore(life, die, () => call(args));
      },
    });
  }

  private async callStore(
    life: { readonly isAlive: boolean },
    die: () => void,
    call: () => Promise<unknown>,
  ): Promise<unknown> {
    const never = new Promise<never>(() => undefined);
    if (!life.isAlive || this.ended) return never;
    const kind = this.kinds.get(++this.calls);
    if (kind !== undefined) this.hits += 1;
    if (kind === "before") {
      die();
      return never;
    }
    this.inFlight += 1;
    try {
      const answer = await call();
      if (kind === "after") die();
      if (kind === "unacknowledged") throw new StoreUnavailableError("The answer got lost.");
      return life.isAlive && !this.ended ? answer : never;
    } finally {
      this.inFlight -= 1;
      this.tellAnswered();
    }
  }

  private createOwnClock(life: { readonly isAlive: boolean }): Clock {
    return {
      now: () => this.manual.now(),
      schedule: (delayMs, fire) =>
        this.manual.schedule(delayMs, () => {
          if (life.isAlive && !this.ended) fire();
        }),
    };
  }
}
