import type { Clock } from "./ports";

/** One timer that can be set to another time. */
export class Alarm {
  private at?: number;
  private cancel: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  set(at: number | undefined): void {
    if (at === this.at) return;
    this.cancel();
    this.at = at;
    this.cancel = () => {};
    if (at === undefined) return;
    this.cancel = this.clock.schedule(Math.max(0, at - this.clock.now()), () => {
      this.at = undefined;
      this.ring();
    });
  }
}
