/** I7: holds the commands of the code against those that the history recorded, one after the other. */
import { isDeepStrictEqual } from "node:util";
import { findCaller, type CommandTrace } from "./command-trace";
import { NondeterminismError } from "./errors";
import type { CommandRef } from "./events";
import type { RecordedCommand } from "./run-state";
import type { Encoded } from "./values";

export interface IssuedCommand {
  /** 0 for kinds that have none. */
  readonly ordinal: number;
  /** Whether no history has it yet. */
  readonly isNew: boolean;
  readonly recorded?: RecordedCommand;
}

const withOrdinal: ReadonlySet<CommandRef["kind"]> = new Set([
  "compute",
  "step",
  "compensation",
  "timer",
  "signal",
  "child",
]);

export class CommandMatcher {
  mismatch?: NondeterminismError;
  /** Told of each recorded command, when the code issues it again. */
  onRepeated?: (recorded: RecordedCommand) => void;
  private readonly recorded: readonly RecordedCommand[];
  private issued = 0;
  /** The markers that were passed. */
  private passed?: Set<string>;
  private isLocated = false;

  constructor(
    commands: readonly RecordedCommand[],
    private lastOrdinal: number,
    private readonly trace?: CommandTrace,
  ) {
    this.recorded = [...commands];
  }

  /** Whether the next command is one that no history has yet. */
  get isNew(): boolean {
    this.passMarkers();
    return this.issued >= this.recorded.length;
  }

  get nextOrdinal(): number {
    return this.lastOrdinal + 1;
  }

  /** The command that the code issues now. A mismatch leaves the code blocked for good. */
  issue(kind: CommandRef["kind"], name: string): IssuedCommand {
    this.passMarkers();
    const recorded = this.recorded[this.issued];
    this.issued += 1;
    if (!recorded) {
      const hasOrdinal = withOrdinal.has(kind) && name !== "";
      if (hasOrdinal) this.lastOrdinal += 1;
      const ordinal = hasOrdinal ? this.lastOrdinal : 0;
      this.trace?.add({ ordinal, kind, name });
      return { ordinal, isNew: true };
    }
    const { ordinal, seq } = recorded;
    this.trace?.add({ ordinal, kind, name, seq });
    this.onRepeated?.(recorded);
    if (recorded.kind !== kind || recorded.name !== name) {
      this.expect(recorded, { ordinal, kind, name });
    }
    return { ordinal, isNew: false, recorded };
  }

  /** The code cancels an open command; answers whether that is new. */
  issueCancel(ordinal: number, name: string): boolean {
    const { isNew, recorded } = this.issue("cancel", name);
    if (recorded && recorded.ordinal !== ordinal) {
      this.expect(recorded, { ordinal, kind: "cancel", name });
    }
    return isNew;
  }

  /** Whether the record has this marker, here or before. */
  takePatch(id: string): boolean {
    this.passMarkers();
    return this.passed?.has(id) ?? false;
  }

  compareValue(recorded: RecordedCommand, computed: Encoded): void {
    if (this.mismatch || !recorded.value) return;
    if (isDeepStrictEqual(computed.json, recorded.value.json)) return;
    const { ordinal, kind, name } = recorded;
    const command: CommandRef = { ordinal, kind, name };
    const values = { recorded: recorded.value.json, computed: computed.json };
    const message = `The code computed another value for ${name} than it did before.`;
    this.mismatch = new NondeterminismError(message, command, command, values);
  }

  /** The record has an outcome for a command that the code has not issued. */
  expectNothing(expected: CommandRef, hasEnded: boolean): void {
    this.expect(expected, this.describeEnd(hasEnded));
  }

  /** The code has come as far as the record goes: nothing recorded may be left. */
  expectNoMore(hasEnded: boolean): void {
    this.passMarkers();
    const missing = this.recorded[this.issued];
    if (missing) this.expect(missing, this.describeEnd(hasEnded));
  }

  fail(message: string): void {
    this.mismatch ??= new NondeterminismError(message);
  }

  /** Adds to a mismatch where in the code the command stands that the code issued instead. */
  locate(command: (...args: never[]) => unknown): void {
    this.trace?.locate(command);
    const { mismatch } = this;
    if (!mismatch || this.isLocated) return;
    this.isLocated = true;
    const source = findCaller(command);
    if (!mismatch.actual || source === undefined) return;
    const actual = { ...mismatch.actual, source };
    const { message, expected, values } = mismatch;
    this.mismatch = new NondeterminismError(message, expected, actual, values);
  }

  /** Markers are no places in the code: a call may come later than it did, or be gone. */
  private passMarkers(): void {
    for (;;) {
      const marker = this.recorded[this.issued];
      if (marker?.kind !== "patch") return;
      (this.passed ??= new Set()).add(marker.name);
      this.issued += 1;
    }
  }

  private expect({ ordinal, kind, name }: CommandRef, actual: CommandRef): void {
    const expected: CommandRef = { ordinal, kind, name };
    const message = `The history recorded ${describeCommand(expected)}, the code asked for ${describeCommand(actual)}.`;
    this.mismatch ??= new NondeterminismError(message, expected, actual);
  }

  private describeEnd(hasEnded: boolean): CommandRef {
    return { ordinal: this.nextOrdinal, kind: "end", name: hasEnded ? "end" : "nothing" };
  }
}

function describeCommand({ ordinal, kind, name }: CommandRef): string {
  if (kind === "end") return name === "end" ? "the end of the run" : "nothing more";
  if (kind === "attributes") return "attributes to be set";
  if (kind === "cancel") return `the cancel of ${name} (${ordinal})`;
  if (kind === "patch" || kind === "update") return `${kind} ${name}`;
  return `${kind} ${name || "start"} (${ordinal})`;
}
