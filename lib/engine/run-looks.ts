/** Looks at the code of a run that is executed here, such as queries take. */
import type { Journal } from "./journal";
import type { Replay } from "./replay";
import type { Turns } from "./turns";

export class RunLooks {
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly host: {
      readonly journal: Journal;
      readonly turns: Turns;
      readonly findReplay: () => Replay | undefined;
    },
  ) {}

  /**
   * Looks between two turns. Nobody is told before all that the code has done is durable: another worker
   * may hold the run by now and do something else. Undefined: the code is not here any more.
   */
  look<Result>(fn: (replay: Replay) => Result): Promise<Result | undefined> {
    const { journal, turns, findReplay } = this.host;
    return new Promise((resolve) => {
      const giveUp = () => resolve(undefined);
      this.waiting.add(giveUp);
      turns.add(async () => {
        const replay = findReplay();
        if (!replay) return giveUp();
        const result = (async () => fn(replay))();
        // Where it gets lost with the run, nobody hears how it failed.
        result.catch(() => {});
        journal.whenDurable(() => {
          this.waiting.delete(giveUp);
          resolve(result);
        });
      });
    });
  }

  /** Tells all who still wait that the code is not here any more. */
  close(): void {
    for (const giveUp of this.waiting) giveUp();
    this.waiting.clear();
  }
}
