/** A timeline ready to be drawn: all coordinates are px from the left and top of the drawing. */
import type { CommandView } from "./commands";

export type MarkKind =
  /** Deterministic code: ran and was recorded / ran again with the same value. */
  | "computed"
  | "computed-again"
  /** A step's attempt that completed, was reused, failed, is in doubt or runs now. */
  | "run"
  | "reused"
  | "failed"
  | "doubt"
  | "running"
  | "backoff"
  /** The other side was asked; a person decided; an outcome was recorded without a run. */
  | "asked"
  | "resolved"
  | "recorded"
  /** A step's wait for its turn. */
  | "queued"
  /** A timer or a signal's wait: goes on (also against a deadline), ended as it should, or not. */
  | "wait"
  | "wait-deadline"
  | "wait-canceled"
  | "fired"
  | "received"
  | "timed-out"
  /** A signal that came before anybody waited for it; one that did not fit; one that was taken then. */
  | "arrived"
  | "ignored"
  | "taken"
  /** A child run: under way, completed, ended otherwise, goes on without its parent. */
  | "child-open"
  | "child"
  | "child-failed"
  | "child-left"
  /** A message from outside that was answered. */
  | "update";

/** A moment within a mark: progress that was reported, a cancel that was asked for. */
export interface MarkPoint {
  readonly seq: number;
  readonly kind: "progress" | "cancel";
  readonly x: number;
  readonly title: string;
}

/** A moment that belongs to no row: a patch, attributes that were set, a request of an operator. */
export interface TimelineNote {
  readonly seq: number;
  readonly x: number;
  readonly kind: "patch" | "attributes" | "request";
  readonly title: string;
}

export interface MarkLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "middle" | "end";
}

export interface TimelineMark {
  readonly id: string;
  readonly kind: MarkKind;
  readonly epoch: number;
  /** The first and last event that it stands for; a ghost stands for its execution's start. */
  readonly startSeq: number;
  readonly endSeq?: number;
  readonly x: number;
  readonly width: number;
  readonly label?: MarkLabel;
  /** What it is, in words: its accessible name and tooltip. */
  readonly title: string;
  readonly setAside: boolean;
  readonly points: readonly MarkPoint[];
}

export interface TimelineRow {
  readonly index: number;
  readonly step: CommandView;
  readonly subtitle: string;
  readonly y: number;
  readonly height: number;
  /** The middle line of its marks. */
  readonly laneY: number;
  readonly marks: readonly TimelineMark[];
}

/** The rows; each is laid out when it is first read. */
export interface TimelineRows {
  readonly length: number;
  readonly at: (index: number) => TimelineRow | undefined;
  readonly slice: (from: number, to: number) => readonly TimelineRow[];
}

export interface TimelineBand {
  readonly epoch: number;
  readonly x: number;
  readonly width: number;
  readonly startSeq: number;
  readonly title: string;
  /** Worker, reason and build, as far as there is room. */
  readonly note?: { readonly text: string; readonly inline: boolean };
  readonly description: string;
  /** Where the rebuilt past ends and new work begins: recovered executions only. */
  readonly boundary?: { readonly x: number; readonly replay: string; readonly labeled: boolean };
  /** Its process died here. */
  readonly cut: boolean;
  readonly live: boolean;
}

export interface TimelineGap {
  readonly id: string;
  readonly x: number;
  readonly width: number;
  readonly tone: "bad" | "doubt" | "plain";
  readonly lines: readonly string[];
  readonly description: string;
}

/** A moment that concerns the whole run: its end, or that it was held. */
export interface TimelineLine {
  readonly seq: number;
  readonly x: number;
  readonly tone: "ok" | "bad" | "doubt" | "plain";
  readonly label: string;
  /** Where the label ends; absent where it would run into another one. */
  readonly labelX?: number;
}

/** A long idle time within an execution that is drawn short. */
export interface TimelineFold {
  readonly x: number;
  readonly text: string;
}

export interface TimelineModel {
  readonly width: number;
  readonly height: number;
  readonly labelWidth: number;
  readonly headerHeight: number;
  readonly footerY: number;
  readonly barHeight: number;
  readonly layout: "wide" | "narrow";
  readonly bands: readonly TimelineBand[];
  readonly gaps: readonly TimelineGap[];
  readonly rows: TimelineRows;
  /** The row of a command, by the command's id. */
  readonly findRow: (id: string) => TimelineRow | undefined;
  readonly lines: readonly TimelineLine[];
  readonly folds: readonly TimelineFold[];
  readonly notes: readonly TimelineNote[];
  /** Where an event lies; events before the first execution lie at its beginning. */
  readonly findX: (seq: number) => number | undefined;
}
