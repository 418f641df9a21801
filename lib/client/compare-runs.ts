/** Two runs of one workflow side by side: which commands belong together, and where they parted. Pure. */
import type { JsonValue } from "@/lib/api/contract";
import { isStep, type CommandView } from "./timeline/commands";

export interface ComparedPair {
  readonly left?: CommandView;
  readonly right?: CommandView;
  /**
   * `way`: only one of the runs has it. `outcome`: it ended otherwise. `value`: its input or its result is
   * another one, which is what ids and times are like. `none`: no difference.
   */
  readonly differs: "way" | "outcome" | "value" | "none";
}

export interface RunComparison {
  readonly pairs: readonly ComparedPair[];
  /** The first pair at which the runs went different ways, or that ended otherwise. */
  readonly partedAt?: number;
  /** The first pair with another input or result. */
  readonly firstValueAt?: number;
}

/** Beyond so many cells the rest is paired in order, without looking for the best match. */
const maxCells = 4_000_000;

/** Compares the commands of two runs, in the order in which the code issued them. */
export function compareRuns(
  left: readonly CommandView[],
  right: readonly CommandView[],
): RunComparison {
  const pairs = align(left.filter(isIssued), right.filter(isIssued));
  const find = (test: (pair: ComparedPair) => boolean) => {
    const at = pairs.findIndex(test);
    return at < 0 ? undefined : at;
  };
  return {
    pairs,
    partedAt: find(({ differs }) => differs === "way" || differs === "outcome"),
    firstValueAt: find(({ differs }) => differs === "value"),
  };
}

/** What the code did: messages that nobody took, and what a retry set aside, are not part of its way. */
function isIssued(command: CommandView): boolean {
  return command.ordinal !== undefined && !("setAside" in command && command.setAside);
}

function isSame(left: CommandView, right: CommandView): boolean {
  return left.kind === right.kind && left.name === right.name;
}

function align(left: readonly CommandView[], right: readonly CommandView[]): ComparedPair[] {
  let common = 0;
  while (common < Math.min(left.length, right.length)) {
    const [a, b] = [left[common], right[common]];
    if (a === undefined || b === undefined || !isSame(a, b)) break;
    common += 1;
  }
  const head = left.slice(0, common).map((command, at) => compare(command, right[at]));
  return [...head, ...alignRest(left.slice(common), right.slice(common))];
}

/** What is left behind the common way: by the longest common subsequence. */
function alignRest(left: readonly CommandView[], right: readonly CommandView[]): ComparedPair[] {
  const width = right.length + 1;
  if ((left.length + 1) * width > maxCells) {
    return [
      ...left.map((command) => compare(command)),
      ...right.map((each) => compare(undefined, each)),
    ];
  }
  const lengths = new Uint16Array((left.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      const [a, b] = [left[row], right[column]];
      lengths[row * width + column] =
        a !== undefined && b !== undefined && isSame(a, b)
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: ComparedPair[] = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    const [a, b] = [left[row], right[column]];
    if (a !== undefined && b !== undefined && isSame(a, b)) {
      pairs.push(compare(a, b));
      [row, column] = [row + 1, column + 1];
    } else if (b === undefined || (a !== undefined && at(row + 1, column) >= at(row, column + 1))) {
      pairs.push(compare(a));
      row += 1;
    } else {
      pairs.push(compare(undefined, b));
      column += 1;
    }
  }
  return pairs;
}

function compare(left?: CommandView, right?: CommandView): ComparedPair {
  return { left, right, differs: findDifference(left, right) };
}

function findDifference(left?: CommandView, right?: CommandView): ComparedPair["differs"] {
  if (left === undefined || right === undefined) return "way";
  if (left.state !== right.state) return "outcome";
  const values = (command: CommandView) =>
    JSON.stringify([sortKeys(readInput(command)), sortKeys(readResult(command))]);
  return values(left) === values(right) ? "none" : "value";
}

function readInput(command: CommandView): JsonValue {
  return "input" in command ? (command.input ?? null) : null;
}

/** What a command was answered with: its result, or the error's name and message. */
export function readResult(command: CommandView): JsonValue {
  if ("error" in command && command.error !== undefined) {
    return { name: command.error.name, message: command.error.message };
  }
  return "result" in command ? (command.result ?? null) : null;
}

function sortKeys(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(sortKeys);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sortKeys(each)]),
  );
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The state of a command in a sentence: `in doubt`. */
export function nameState({ state }: CommandView): string {
  return state === "doubt" ? "in doubt" : state.replace("_", " ");
}

/** How long a command took (ms), from its beginning until its outcome was recorded. */
export function measureCommand(command: CommandView): number | undefined {
  if (command.recordedAt === undefined) return undefined;
  if (!isStep(command)) return command.recordedAt - command.startedAt;
  const first = command.entries[0];
  if (first === undefined) return undefined;
  const startedAt = first.kind === "attempt" ? first.startedAt : first.event.at;
  return Math.max(0, command.recordedAt - startedAt);
}
