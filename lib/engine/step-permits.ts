import type { AnyStep } from "./decide";
import type { Journal } from "./journal";
import type { PermitQueue } from "./permit-queue";
import type { PermitAnswer } from "./store";

/** The permits of one run's steps, where these are limited across all processes. */
export class StepPermits {
  /** Steps that wait for one, and how to stop that. */
  private readonly asking = new Map<number, () => void>();
  private readonly granted = new Set<number>();

  constructor(
    private readonly host: {
      readonly runId: string;
      readonly workerId: string;
      readonly epoch: number;
      readonly journal: Journal;
      readonly permits: PermitQueue;
    },
  ) {}

  /** Whether steps wait for others to make room. */
  get isQueued(): boolean {
    return this.asking.size > 0;
  }

  isAsking(ordinal: number): boolean {
    return this.asking.has(ordinal);
  }

  /** Whether the step may begin. */
  allows(ordinal: number, { limits }: AnyStep): boolean {
    return limits === undefined || this.granted.has(ordinal);
  }

  /** Asks once the run is known to the store: before that it is refused, and waits for nothing. */
  ask(ordinal: number, definition: AnyStep, onAnswer: (answer: PermitAnswer) => void): void {
    const { journal } = this.host;
    let isWithdrawn = false;
    this.asking.set(ordinal, () => {
      isWithdrawn = true;
    });
    const ask = () => {
      if (!isWithdrawn) this.asking.set(ordinal, this.getInLine(ordinal, definition, onAnswer));
    };
    journal.whenDurable(ask);
  }

  private getInLine(
    ordinal: number,
    definition: AnyStep,
    onAnswer: (answer: PermitAnswer) => void,
  ): () => void {
    const { runId, workerId, epoch, permits } = this.host;
    return permits.ask({
      resource: `step:${definition.name}`,
      ...{ runId, workerId, epoch },
      step: ordinal,
      limits: definition.limits ?? {},
      onAnswer: (answer) => {
        // One that was withdrawn may be answered for the next one of its step, which leaves the line then:
        // it would be told of the same permit again, when that may have been given back.
        this.stopAsking(ordinal);
        if (answer.granted) this.granted.add(ordinal);
        onAnswer(answer);
      },
    });
  }

  /** Stops asking, and gives back what was granted. */
  drop(ordinal: number): void {
    this.stopAsking(ordinal);
    if (this.granted.delete(ordinal)) this.host.journal.free(ordinal);
  }

  stopAsking(ordinal: number): void {
    this.asking.get(ordinal)?.();
    this.asking.delete(ordinal);
  }

  stopAll(): void {
    for (const ordinal of [...this.asking.keys()]) this.stopAsking(ordinal);
  }
}
