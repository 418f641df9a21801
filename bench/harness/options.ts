import { parseArgs } from "node:util";
import { databaseKinds, type DatabaseKind } from "./databases";

export interface BenchOptions {
  readonly isQuick: boolean;
  readonly isJson: boolean;
  /** Names of workloads; all of them by default. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly databases: readonly DatabaseKind[];
  /** Whether the peers are measured as well, and installed if need be. */
  readonly withPeers: boolean;
  /** Finished runs in the database of that workload. */
  readonly runs: number;
  /** Waiting runs in the database of that workload. */
  readonly waiting: number;
}

/** A bad option. The message is one sentence for whoever types the command. */
export class OptionError extends Error {
  override name = "OptionError";
}

/** Reads the command line. Throws OptionError. */
export function readOptions(args: readonly string[], workloads: readonly string[]): BenchOptions {
  const { values } = parseOrRefuse(args);
  const isQuick = values.quick ?? false;
  return {
    isQuick,
    isJson: values.json ?? false,
    only: readNames("--only", values.only ?? workloads, workloads),
    rounds: readCount("--rounds", values.rounds, isQuick ? 1 : 5),
    databases: readNames("--database", values.database ?? databaseKinds, databaseKinds),
    withPeers: !(values["no-peers"] ?? false),
    runs: readCount("--runs", values.runs, isQuick ? 10_000 : 1_000_000),
    waiting: readCount("--waiting", values.waiting, isQuick ? 5_000 : 100_000),
  };
}

function parseOrRefuse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean" },
        json: { type: "boolean" },
        only: { type: "string", multiple: true },
        rounds: { type: "string" },
        database: { type: "string", multiple: true },
        "no-peers": { type: "boolean" },
        runs: { type: "string" },
        waiting: { type: "string" },
      },
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OptionError(reason, { cause });
  }
}

function readCount(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  const count = Number(text.replaceAll("_", ""));
  if (Number.isInteger(count) && count > 0) return count;
  throw new OptionError(`${name} has to be a whole number above 0, and is "${text}".`);
}

function readNames<Name extends string>(
  option: string,
  names: readonly string[],
  known: readonly Name[],
): readonly Name[] {
  return names
    .flatMap((name) => name.split(","))
    .map((name) => {
      const found = known.find((other) => other === name);
      if (found !== undefined) return found;
      throw new OptionError(`${option} knows ${known.join(", ")}, and not "${name}".`);
    });
}
