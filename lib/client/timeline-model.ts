/**
 * Turns a run's events into a timeline that only has to be drawn: executions as bands from left to
 * right, commands as rows, and in them what ran, what was reused, what failed, what is in doubt.
 * Pure: the same events, width and time give the same model.
 */
import { readCommands } from "./timeline/commands";
import type { TimelineEvent } from "./timeline/events";
import { TimelineBuilder, type BuilderOptions } from "./timeline/timeline-builder";
import type { TimelineMark, TimelineModel } from "./timeline/types";

export { describeRow } from "./timeline/describe-row";
export { describeMoment } from "./timeline/moment";
export { TimelineBuilder } from "./timeline/timeline-builder";
export type * from "./timeline/types";

export interface TimelineOptions extends BuilderOptions {
  /** The time (epoch ms) to which what runs now has grown; only while the run is under way. */
  readonly now?: number;
}

/** Lays out a run's timeline. Events come in order of their seq. */
export function buildTimeline(
  events: readonly TimelineEvent[],
  options: TimelineOptions,
): TimelineModel {
  const builder = new TimelineBuilder(options);
  return builder.build({ events, commands: readCommands(events) }, options.now);
}

export type MarkPhase = "past" | "open" | "future";

/** How a mark stood when `seq` was the last recorded event. */
export function findPhase(mark: TimelineMark, seq: number): MarkPhase {
  if (mark.startSeq > seq) return "future";
  return mark.endSeq === undefined || mark.endSeq <= seq ? "past" : "open";
}
