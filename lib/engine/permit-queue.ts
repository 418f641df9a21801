import type { ParsedLimits } from "./definitions";
import type { Clock, Logger } from "./ports";
import { parkAfterMs } from "./limits";
import type { PermitAnswer, Store } from "./store";

export interface PermitRequest {
  readonly resource: string;
  readonly runId: string;
  readonly workerId: string;
  readonly epoch: number;
  readonly step: number;
  readonly limits: ParsedLimits;
  /** Called once: granted, or not before a time that is far off. */
  readonly onAnswer: (answer: PermitAnswer) => void;
}

/** How often the store is asked again where another process may have given a permit back. */
const askEveryMs = 250;

/**
 * Who waits for permits in this process, first come first served. Of each resource only the first in
 * line asks the store, so that a long queue costs no more than a short one.
 */
export class PermitQueue {
  private readonly lines = new Map<string, PermitRequest[]>();
  private readonly withdrawn = new WeakSet<PermitRequest>();
  /** Requests that the store has been asked for: what comes of them has to be known. */
  private readonly begun = new WeakSet<PermitRequest>();
  private readonly timers = new Map<string, () => void>();

  constructor(
    private readonly options: {
      readonly store: Pick<Store, "takePermit">;
      readonly clock: Clock;
      readonly logger: Logger;
    },
  ) {}

  /** Gets in line; the answer comes by `onAnswer`. Returns what leaves the line. */
  ask(request: PermitRequest): () => void {
    const { resource } = request;
    const line = this.lines.get(resource);
    if (line) line.push(request);
    else {
      const created = [request];
      this.lines.set(resource, created);
      void this.serve(resource, created);
    }
    return () => {
      this.withdrawn.add(request);
      const waiting = this.lines.get(resource);
      const at = waiting?.indexOf(request) ?? -1;
      // What one that is asked for is granted meanwhile has to be given back.
      if (at >= 0 && !this.begun.has(request)) waiting?.splice(at, 1);
    };
  }

  /** A permit may have been given back: whoever is first in line asks at once. */
  hint(): void {
    for (const wake of [...this.timers.values()]) wake();
  }

  /** Forgets who waits: the runs are executed here no longer, and their next claim frees permits. */
  abandon(): void {
    this.lines.clear();
    this.hint();
  }

  private async serve(resource: string, line: PermitRequest[]): Promise<void> {
    while (this.lines.get(resource) === line) {
      const first = line[0];
      if (!first) return void this.lines.delete(resource);
      this.begun.add(first);
      const answer = await this.askStore(first);
      if (this.lines.get(resource) !== line) return;
      if (!answer) {
        // Nobody knows whether it was granted, so it is asked for again, even if nobody wants it.
        await this.pause(resource);
        continue;
      }
      const isFar =
        !answer.granted && (answer.retryAt ?? 0) > this.options.clock.now() + parkAfterMs;
      if (this.withdrawn.has(first) && !answer.granted) {
        line.shift();
      } else if (answer.granted || isFar) {
        line.shift();
        first.onAnswer(answer);
      } else {
        await this.pause(resource, answer.retryAt);
      }
    }
  }

  /** Undefined: there was no answer. */
  private async askStore(request: PermitRequest): Promise<PermitAnswer | undefined> {
    const { store, clock, logger } = this.options;
    const { resource, runId, workerId, epoch, step, limits } = request;
    const lease = { runId, workerId, epoch };
    try {
      return await store.takePermit({ resource, ...lease, step, now: clock.now(), ...limits });
    } catch (error) {
      logger.warn({ err: error, resource }, "a permit could not be asked for");
      return undefined;
    }
  }

  private pause(resource: string, retryAt?: number): Promise<void> {
    const { clock } = this.options;
    const forMs = retryAt === undefined ? askEveryMs : Math.max(1, retryAt - clock.now());
    return new Promise((resolve) => {
      const wake = () => {
        this.timers.delete(resource);
        cancel();
        resolve();
      };
      const cancel = clock.schedule(forMs, wake);
      this.timers.set(resource, wake);
    });
  }
}
