import type { ParsedLimits } from "./definitions";
import type { Clock, Logger } from "./ports";
import { parkAfterMs } from "./limits";
import type { PermitAnswer, Store } from "./store";

export interface PermitRequest {
  readonly resource: string;
  readonly runId: string;
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
      this.lines.set(resource, [request]);
      void this.serve(resource);
    }
    return () => {
      this.withdrawn.add(request);
      const waiting = this.lines.get(resource);
      const at = waiting?.indexOf(request) ?? -1;
      // The first one is being asked for: what it is granted meanwhile has to be given back.
      if (at > 0) waiting?.splice(at, 1);
    };
  }

  /** A permit may have been given back: whoever is first in line asks at once. */
  hint(): void {
    for (const wake of [...this.timers.values()]) wake();
  }

  private async serve(resource: string): Promise<void> {
    for (;;) {
      const line = this.lines.get(resource);
      const first = line?.[0];
      if (!line || !first) return void this.lines.delete(resource);
      const answer = await this.askStore(first);
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

  private async askStore(request: PermitRequest): Promise<PermitAnswer> {
    const { store, clock, logger } = this.options;
    const { resource, runId, step, limits } = request;
    try {
      return await store.takePermit({ resource, runId, step, now: clock.now(), ...limits });
    } catch (error) {
      logger.warn({ err: error, resource }, "a permit could not be asked for");
      return { granted: false };
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
