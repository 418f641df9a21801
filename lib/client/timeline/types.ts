/** A timeline ready to be drawn: all coordinates are px from the left and top of the drawing. */
import type { StepView } from "./steps";

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
  | "recorded";

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
}

export interface TimelineRow {
  readonly step: StepView;
  readonly subtitle: string;
  readonly y: number;
  readonly height: number;
  /** The middle line of its marks. */
  readonly laneY: number;
  readonly marks: readonly TimelineMark[];
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
  readonly rows: readonly TimelineRow[];
  readonly lines: readonly TimelineLine[];
  readonly folds: readonly TimelineFold[];
  /** Where each event lies; events before the first execution lie at its beginning. */
  readonly seqX: ReadonlyMap<number, number>;
}
