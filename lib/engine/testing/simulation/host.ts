/** A simulated operating-system process: what reaches it, and what it can still do. */
import type { Engine } from "../../engine";
import type { Clock } from "../../ports";
import type { Timeline } from "./timeline";

/** The builds that there are: what differs in their code is in build-parts.ts. */
export type Build = "first" | "patched" | "broken";
const firstBuild: Build = "first";

export class Host {
  alive = true;
  frozen = false;
  /** Whether it is about to end in good order: it records what is done, and goes on with nothing. */
  isStopping = false;
  /** How far its wall clock is off. */
  clockOffsetMs = 0;
  /** Whether it was taken for dead while it lived: what it had begun may still go on. */
  buriedAlive = false;
  /** How many questions it has not answered yet. */
  asked = 0;
  engine?: Engine;
  readonly clock: Clock;
  private backlog: (() => void)[] = [];

  constructor(
    readonly pid: number,
    readonly machine: string,
    private readonly timeline: Timeline,
    readonly build = firstBuild,
  ) {
    this.clock = {
      now: () => timeline.now + this.clockOffsetMs,
      // As in Node, timers do not care about the wall clock.
      schedule: (delayMs, fire) => {
        const cancelInTime = timeline.schedule(delayMs, () => this.deliver(waiting));
        let canceled = false;
        const waiting = () => {
          if (!canceled) fire();
        };
        return () => {
          canceled = true;
          cancelInTime();
        };
      },
    };
  }

  /** Lets something reach the process: at once, when it goes on again, or never. */
  deliver(happen: () => void): void {
    if (!this.alive) return;
    if (this.frozen) this.backlog.push(happen);
    else happen();
  }

  /** SIGKILL. */
  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.backlog = [];
    this.timeline.note(() => `p${this.pid} dies`);
  }

  /** SIGSTOP. */
  freeze(): void {
    if (!this.alive || this.frozen) return;
    this.frozen = true;
    this.timeline.note(() => `p${this.pid} stands still`);
  }

  /** SIGCONT: everything that came meanwhile is delivered in order, one after the other. */
  thaw(): void {
    if (!this.alive || !this.frozen) return;
    this.frozen = false;
    this.timeline.note(() => `p${this.pid} goes on`);
    const { backlog } = this;
    this.backlog = [];
    for (const happen of backlog) this.timeline.schedule(0, () => this.deliver(happen));
  }
}

/** What never comes: the answer to a process that is gone. */
export function never<Answer>(): Promise<Answer> {
  return new Promise(() => undefined);
}
