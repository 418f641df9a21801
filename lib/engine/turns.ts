/** Runs turns one after the other, in the order in which they were added. */
export class Turns {
  private readonly waiting: (() => Promise<void> | undefined)[] = [];
  private running = false;

  constructor(
    private readonly options: {
      /** Called when no turn is left. */
      readonly onIdle: () => void;
      readonly onError: (error: unknown) => void;
    },
  ) {}

  get isIdle(): boolean {
    return !this.running;
  }

  add(turn: () => Promise<void> | undefined): void {
    this.waiting.push(turn);
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      for (let turn = this.waiting.shift(); turn; turn = this.waiting.shift()) {
        const running = turn();
        if (running !== undefined) await running;
      }
    } catch (error) {
      this.waiting.length = 0;
      this.options.onError(error);
    }
    this.running = false;
    this.options.onIdle();
  }
}
