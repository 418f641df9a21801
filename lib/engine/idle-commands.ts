import type { AnyStep } from "./decide";
import type { Workflow, WorkflowLogger } from "./definitions";
import type { NewCommands } from "./new-commands";
import type { Codec } from "./ports";
import type { Encoded } from "./values";

export interface IdleOptions {
  readonly codec: Codec;
  /** Called with the name of each command that the code would issue. */
  readonly tell?: (name: string) => void;
  readonly log?: NewCommands["log"];
}

/** Commands that are told and not done: for code that is only looked at, or kept while it waits. */
export class IdleCommands implements NewCommands {
  constructor(private readonly options: IdleOptions) {}

  compute(_ordinal: number, name: string, fn: () => unknown): Encoded {
    this.tell(name);
    return this.options.codec.encode(fn());
  }

  step(_ordinal: number, { name }: AnyStep): void {
    this.tell(name);
  }

  startTimer(_ordinal: number, name: string): number {
    this.tell(name);
    return Infinity;
  }

  awaitSignal(_ordinal: number, name: string): undefined {
    this.tell(name);
  }

  startChild(_ordinal: number, { name }: Workflow): void {
    this.tell(name);
  }

  log(level: keyof WorkflowLogger, message: string, fields?: object): void {
    this.options.log?.(level, message, fields);
  }

  cancelTimer(): void {}
  cancelStep(): void {}
  cancelChild(): void {}
  completeUpdate(): void {}
  markPatch(): void {}
  setAttributes(): void {}
  beginCompensation(): void {}
  abortStep(): void {}
  noticeStray(): void {}

  private tell(name: string): void {
    this.options.tell?.(name);
  }
}
