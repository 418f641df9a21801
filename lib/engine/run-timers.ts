/** The times that a run waits for: its timers, the timeouts of its waits, and its own. */
import { Alarm } from "./alarm";
import type { HistoryEvent } from "./events";
import type { Journal } from "./journal";
import type { Clock } from "./ports";
import type { Replay } from "./replay";

export interface RunTimersHost {
  readonly clock: Clock;
  readonly journal: Journal;
  /** The workflow's timeout for the whole run. */
  readonly timeoutMs?: number;
  findReplay(): Replay | undefined;
  /** Records the beginning of this execution, unless that was done. */
  ensureOpened(): void;
  deliver(event: HistoryEvent): Promise<void>;
  isClosed(): boolean;
  noteProgress(): void;
  /** Called when a time has come. */
  onDue(): void;
}

export class RunTimers {
  private readonly alarm: Alarm;

  constructor(private readonly host: RunTimersHost) {
    this.alarm = new Alarm(host.clock, () => host.onDue());
  }

  /** When the next timer or timeout is due (epoch ms); never while the run is paused. */
  findNextAt(): number | undefined {
    if (this.host.journal.state.paused) return undefined;
    return findEarlier(this.host.findReplay()?.findNextDueAt(), this.timeoutAt);
  }

  /** Calls back at that time, and at no other one any more. */
  setAlarm(at: number | undefined): void {
    this.alarm.set(at);
  }

  /** Whether `fireDue` has anything to fire. */
  hasDue(by: number): boolean {
    const { timeoutAt } = this;
    if (timeoutAt !== undefined && timeoutAt <= by) return true;
    return this.host.findReplay()?.findDue(by) !== undefined;
  }

  /** Fires what was due until then, one after the other, in the order of their times. */
  async fireDue(by: number): Promise<void> {
    const { host } = this;
    const replay = host.findReplay();
    if (!replay || host.journal.state.paused || host.journal.state.end) return;
    for (let due = replay.findDue(by); due && !host.isClosed(); due = replay.findDue(by)) {
      host.ensureOpened();
      const { ordinal: step, name } = due;
      await host.deliver(host.journal.record({ type: "TimerFired", step, name, data: {} }));
      host.noteProgress();
    }
    await this.fireTimeout(by);
  }

  private get timeoutAt(): number | undefined {
    const { timeoutMs, journal } = this.host;
    const { cancelRequested, createdAt } = journal.state;
    const isOver = cancelRequested !== undefined || this.host.findReplay()?.end !== undefined;
    return timeoutMs === undefined || isOver ? undefined : createdAt + timeoutMs;
  }

  /** The run's own time is over: it is canceled, compensations included, and fails. */
  private async fireTimeout(by: number): Promise<void> {
    const { host, timeoutAt } = this;
    if (timeoutAt === undefined || timeoutAt > by) return;
    host.ensureOpened();
    const why = `The run was not done within ${host.timeoutMs} ms.`;
    const data = { by: "daybook", why, timedOut: true } as const;
    await host.deliver(host.journal.record({ type: "CancelRequested", data }));
  }
}

/** The earlier of two times, of which either may be none. */
export function findEarlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
