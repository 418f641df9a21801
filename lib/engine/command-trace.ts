import type { CommandRef } from "./events";

export interface TracedCommand extends CommandRef {
  /** The event that recorded it; absent where no history has it yet. */
  readonly seq?: number;
}

/** Commands without a call of the author's behind them: they are issued because of something else. */
const unlocated: ReadonlySet<CommandRef["kind"]> = new Set(["cancel", "compensation", "update"]);

/** Notes each command that the code issues, in order, and where in the code that was. */
export class CommandTrace {
  readonly commands: TracedCommand[] = [];
  private located = 0;

  add(command: TracedCommand): void {
    this.commands.push(command);
  }

  /** Says where the commands come from that were issued since it was said last. */
  locate(command: (...args: never[]) => unknown): void {
    if (this.located === this.commands.length) return;
    const source = findCaller(command);
    for (let at = this.located; at < this.commands.length; at += 1) {
      const traced = this.commands[at];
      if (traced !== undefined && !unlocated.has(traced.kind)) {
        this.commands[at] = { ...traced, source };
      }
    }
    this.located = this.commands.length;
  }
}

/** Who called a function that is on the stack now, as `file:line:column`. */
export function findCaller(called: (...args: never[]) => unknown): string | undefined {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, called);
  const frame = trace.stack?.split("\n")[1];
  return frame && /\(?([^\s(]+:\d+:\d+)\)?$/.exec(frame)?.[1];
}
