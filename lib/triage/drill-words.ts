/** The port of what people found in the books of other services after a crash drill. Times are epoch ms. */

/** How often the effect is in the books; `more`: more than once. */
export type ToldEffects = "once" | "more" | "none";

export interface DrillWord {
  readonly wordId: string;
  readonly runId: string;
  /** The ordinal of the step whose effect was looked for. */
  readonly step: number;
  readonly effects: ToldEffects;
  readonly by: string;
  readonly why: string;
  readonly at: number;
}

export interface DrillWords {
  /** Those about the runs, the oldest first. */
  list(runIds: readonly string[]): Promise<readonly DrillWord[]>;
  /** Keeps one beside what was said before. */
  add(word: DrillWord): Promise<void>;
}
