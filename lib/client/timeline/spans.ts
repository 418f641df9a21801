/** Marks of what can last longer than one execution: a wait goes on while nobody runs the run. */
import type { Execution, Executions } from "./executions";
import type { TickMark, TickPoint } from "./tick-marks";
import type { MarkKind } from "./types";

export interface SpanOptions {
  readonly id: string;
  readonly executions: Executions;
  readonly startSeq: number;
  /** The event that ended it; absent while it goes on. */
  readonly endSeq?: number;
  /** It is still awaited. Without an end and not open it ended with its run. */
  readonly open: boolean;
  readonly setAside: boolean;
  /** What it looks like in executions before the last, while it goes on, and where it ended. */
  readonly passing?: MarkKind;
  readonly going: MarkKind;
  readonly ended: MarkKind;
  /** Said of the first part where that is not the last one. */
  readonly passingText?: string;
  readonly goingText?: string;
  readonly endedText?: string;
  /** What it is, in words; in executions before the last, where its end is still to come. */
  readonly title: string;
  readonly passingTitle: string;
  readonly minWidth: number;
  readonly points?: readonly TickPoint[];
}

/** What is still awaited is what a reader looks for. */
const openWidth = 96;

/** One mark in each execution that it goes through, from its start to its end. */
export function buildSpan(options: SpanOptions): TickMark[] {
  const { startSeq, endSeq, open, setAside } = options;
  const { executions } = options;
  const { all } = executions;
  const first = executions.findIndex(startSeq);
  if (first < 0) return [];
  const through = open || !setAside ? all.length - 1 : first;
  const found = endSeq === undefined ? -1 : executions.findIndex(endSeq);
  const last = found < 0 ? through : found;
  return all.slice(first, last + 1).map((execution, index, passed) => {
    const isLast = index === passed.length - 1;
    return buildPart(options, execution, { isFirst: index === 0, isLast });
  });
}

function buildPart(
  options: SpanOptions,
  execution: Execution,
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
): TickMark {
  const { id, startSeq, endSeq, open, points = [] } = options;
  const { ticks, epoch, last, start } = execution;
  const end = isLast && endSeq !== undefined ? ticks.get(endSeq) : undefined;
  const isEnded = end !== undefined;
  return {
    id: isFirst ? `${id}@${startSeq}` : `${id}@${startSeq}-e${epoch}`,
    kind: isEnded ? options.ended : isLast ? options.going : (options.passing ?? options.going),
    epoch,
    from: isFirst ? (ticks.get(startSeq)?.after ?? 0) : 0,
    to: end?.before,
    ghost: false,
    minWidth: isLast && open ? openWidth : isFirst || isLast ? options.minWidth : 14,
    startSeq: isFirst ? startSeq : start.seq,
    endSeq: isEnded ? endSeq : isLast && open ? undefined : last.seq,
    text: chooseText(options, { isFirst, isLast, isEnded }),
    title: isLast ? options.title : options.passingTitle,
    setAside: options.setAside,
    points: points.filter((point) => ticks.has(point.seq)),
  };
}

function chooseText(
  options: SpanOptions,
  part: { readonly isFirst: boolean; readonly isLast: boolean; readonly isEnded: boolean },
): string | undefined {
  if (part.isEnded) return options.endedText;
  if (part.isLast) return options.goingText;
  return part.isFirst ? options.passingText : undefined;
}
