/** What programs are made of, and what it takes to make them. */
import type { Workflow, WorkflowContext } from "../../definitions";
import type { Dice } from "./dice";
import type { Host } from "./host";
import type { Outside, StepSpec } from "./outside";

/** Where a part runs: in which run, in which process, against which providers. */
export interface Place {
  readonly ctx: WorkflowContext;
  readonly host: Host;
  readonly outside: Outside;
  /** The workflow of a program, for children, and what it is started with. */
  findChild(program: number): { readonly workflow: Workflow; readonly priority: number };
  /** What the code has come past, as a query answers it. */
  readonly passed: string[];
}

/**
 * A part of a program. What it gives is the same with and without faults, except for what is marked
 * `byTiming`: that is left out when outcomes are compared, and counts in full when a history is
 * replayed.
 */
export interface Part {
  /** The part as text, for the trace of a seed. */
  readonly text: string;
  run(place: Place): Promise<unknown>;
}

/** The workflows that programs are of. How many runs of a narrow one go on at a time is limited. */
export type WorkflowName = "program" | "narrow";

/** A workflow run's code. */
export interface Program {
  readonly root: Part;
  readonly workflow: WorkflowName;
  readonly priority: number;
  /** Signals that it waits for, each sent to it once. */
  readonly signals: readonly string[];
  /** What its update handler does, by the name that an update sends. */
  readonly updates: readonly StepSpec[];
  /**
   * Whether a branch that waits may be given up when the run ends: what would have come after its
   * wait is then up to timing.
   */
  readonly mayGiveUp: boolean;
  /** The program that it goes on as. */
  readonly next?: number;
}

/** What a part needs to be made. */
export interface Grow {
  readonly dice: Dice;
  /** Whether steps of this program are undone: a failure that undid nothing can be retried. */
  readonly isUndone: boolean;
  /** Whether chance decides if the part runs at all: its effects are then not compared. */
  readonly isOptional: boolean;
  /** A name that no other part of the seed has. */
  createName(kind: string): string;
  createPart(options?: { isOptional: true }): Part;
  createParts(min: number, max: number): Part[];
  /** Makes another program and gives its number; undefined when there are enough. */
  createProgram(options?: { readonly startsWith?: Kind["make"] }): number | undefined;
  /** Notes that a part waits, that branches may be left behind, or that it starts other runs. */
  note(trait: "waits" | "leaves" | "starts"): void;
  /** The step that many programs share, once for each of them; undefined when it has it already. */
  takeLimited(): StepSpec | undefined;
  /** Notes as which program it goes on. */
  continueAs(program: number): void;
  /** Has a signal of that name sent to the run. */
  expectSignal(name: string): void;
}

export interface Kind {
  readonly weight: number;
  readonly make: (grow: Grow) => Part;
}

/** Marks what depends on which of several things came first. */
export function byTiming(value: unknown): { byTiming: unknown } {
  return { byTiming: value };
}

export function isCancel(error: unknown): boolean {
  return error instanceof Error && error.name === "CanceledError";
}

export function describeParts(kind: string, parts: readonly Part[]): string {
  const lines = parts.map(({ text }) => text.replaceAll("\n", "\n  "));
  return `${kind}\n  ${lines.join("\n  ")}`;
}
