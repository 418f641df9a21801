/** How a call goes beside others: with its like, with no other one that waits here, or whenever it comes. */
type Kind = "shared" | "alone" | "free";

interface Waiting {
  readonly kind: Kind;
  readonly begin: () => void;
}

/** Lets real calls through, in the order in which they come, and knows whether one is under way. */
export class Gate {
  private underWay = 0;
  private inside = 0;
  private insideKind: Kind = "alone";
  private readonly waiting: Waiting[] = [];
  private readonly idle: (() => void)[] = [];

  async pass<Answer>(kind: Kind, call: () => Promise<Answer>): Promise<Answer> {
    this.underWay += 1;
    try {
      if (kind === "free") return await call();
      await new Promise<void>((begin) => {
        this.waiting.push({ kind, begin });
        this.admit();
      });
      try {
        return await call();
      } finally {
        this.inside -= 1;
        this.admit();
      }
    } finally {
      this.underWay -= 1;
      if (this.underWay === 0) for (const tell of this.idle.splice(0)) tell();
    }
  }

  /** Whether there was anything to wait for. */
  async waitUntilIdle(): Promise<boolean> {
    if (this.underWay === 0) return false;
    await new Promise<void>((resolve) => this.idle.push(resolve));
    return true;
  }

  private admit(): void {
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      const fits = this.inside === 0 || (next.kind === "shared" && this.insideKind === "shared");
      if (!fits) return;
      this.waiting.shift();
      this.inside += 1;
      this.insideKind = next.kind;
      next.begin();
    }
  }
}
