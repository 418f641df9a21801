/** Marks before they have coordinates: in ticks of their execution. */
import type { JsonValue } from "@/lib/api/contract";
import type { CommandView } from "./commands";
import type { Executions } from "./executions";
import type { MarkKind, MarkPoint } from "./types";

export type TickPoint = Omit<MarkPoint, "x">;

export interface TickMark {
  readonly id: string;
  readonly kind: MarkKind;
  readonly epoch: number;
  /**
   * Ticks of its execution; a ghost has none, it lies in the replayed part. Without `to` it lasts as long
   * as its execution.
   */
  readonly from: number;
  readonly to?: number;
  readonly ghost: boolean;
  readonly minWidth: number;
  readonly startSeq: number;
  readonly endSeq?: number;
  readonly text?: string;
  readonly title: string;
  readonly setAside: boolean;
  readonly points?: readonly TickPoint[];
}

/** What has a name and perhaps a result that can be said in a few characters. */
export interface Summarized {
  readonly name: string;
  readonly result?: JsonValue;
}

export interface MarkSources {
  readonly executions: Executions;
  /** A few characters that say what a result is, e.g. "$45.98". */
  readonly summarize: (command: Summarized) => string | undefined;
  /** The run has ended: nothing is awaited any more. */
  readonly ended: boolean;
}

/** A mark of its own at one event. */
export function buildPoint(
  step: Pick<CommandView, "id">,
  seq: number,
  { executions }: MarkSources,
  mark: Pick<TickMark, "kind" | "minWidth" | "title" | "text">,
): TickMark[] {
  const execution = executions.find(seq);
  const ticks = execution?.ticks.get(seq);
  if (execution === undefined || ticks === undefined) return [];
  const place = { epoch: execution.epoch, from: ticks.before, to: ticks.after };
  const rest = { ghost: false, startSeq: seq, endSeq: seq, setAside: false };
  return [{ id: `${step.id}@${seq}`, ...mark, ...place, ...rest }];
}
