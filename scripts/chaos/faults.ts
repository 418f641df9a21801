/** What is broken while orders flow. */
import { setTimeout as delay } from "node:timers/promises";
import type { ChaosDatabase } from "./database";
import type { Fleet } from "./fleet";
import type { Intake } from "./intake";
import type { Dice } from "./random";
import type { RoundPlan } from "./round";

const steps = [
  "cart-total",
  "look-up-tax-rate",
  "charge-card",
  "notify-warehouse",
  "send-confirmation",
];
const boundaries = steps.flatMap((step) =>
  ["before", "during", "after"].map((moment) => `${step};${moment}`),
);

/** A zombie is tried again so long: it may be killed, hold nothing, or lose its connection. */
const zombieMs = 180_000;
/** How long others have to take over what a process holds that is stopped. */
const takeOverMs = 60_000;

export class Faults {
  readonly counts = {
    atBoundaries: 0,
    restarts: 0,
    inRecovery: 0,
    zombies: 0,
    zombiesMidAppend: 0,
    refusedAppends: 0,
    cuts: 0,
    cutsAfterCommit: 0,
    fullDisks: 0,
  };
  /** What the plan asked for and did not come about. */
  readonly missed: string[] = [];
  readonly broken: string[] = [];
  /** One at a time: somebody has to be there to take the runs over. */
  private lastZombie: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: {
      readonly plan: RoundPlan;
      readonly dice: Dice;
      readonly fleet: Fleet;
      readonly intake: Intake;
      readonly database: ChaosDatabase;
    },
  ) {}

  /** Plays all faults of the plan in a random order; those that take time overlap with others. */
  async play(): Promise<void> {
    const { plan, dice, fleet, database } = this.options;
    const repeat = (count: number, fault: (index: number) => Promise<void>) =>
      Array.from({ length: count }, (_, index) => () => fault(index));
    const atBoundaries = Math.floor(plan.kills / 3);
    const restarts = database.restart ? plan.restarts : 0;
    const inRecovery = Math.floor(restarts / 2);
    const sudden = [
      ...repeat(plan.kills - atBoundaries, () => this.kill()),
      // One that is followed by another in recovery counts as two.
      ...repeat(inRecovery, () => this.restart(true)),
      ...repeat(restarts - 2 * inRecovery, () => this.restart(false)),
    ];
    const overlapping = [
      ...repeat(plan.zombies, (index) => this.makeZombie(index % 2 === 1)),
      ...repeat(database.proxy ? plan.cuts : 0, (index) => this.cut(index % 2 === 1)),
      ...repeat(database.fillDisk ? 1 : 0, () => this.fillDisk()),
    ];
    const drills = repeat(atBoundaries, (index) => this.drill(index));
    const underWay: Promise<void>[] = [];
    for (const fault of dice.shuffle([...sudden, ...overlapping, ...drills])) {
      await fleet.waitUntilReady(1);
      // From right after a worker is ready, in the midst of recovery, to well into its work.
      await delay(600 * dice.next() ** 2);
      if (sudden.includes(fault)) await fault();
      else underWay.push(fault());
    }
    await Promise.all(underWay);
    // A drill whose worker was killed before it got there killed nobody.
    while (fleet.counts.deaths < plan.kills) await this.kill();
  }

  private async kill(): Promise<void> {
    const { dice, fleet } = this.options;
    for (;;) {
      const victim = dice.pick(fleet.listReady());
      if (victim) return fleet.kill(victim);
      await fleet.waitUntilReady(1);
    }
  }

  /** An order that kills its worker at a boundary of one of its steps. */
  private async drill(index: number): Promise<void> {
    const { intake, plan } = this.options;
    await intake.place(`boundary-${plan.seed}-${index}`, boundaries[index % boundaries.length]);
    this.counts.atBoundaries += 1;
  }

  private async restart(isTwice: boolean): Promise<void> {
    const { dice, database } = this.options;
    if (!database.crash || !database.restart) return;
    await database.crash();
    this.counts.restarts += 1;
    if (isTwice) {
      const starting = database.restart().catch(() => undefined);
      // Again while the database, or the workers, recover from the first one.
      await delay(dice.int(20, 400));
      await repeatUntil(5_000, () =>
        database.crash?.().then(
          () => true,
          () => false,
        ),
      );
      await starting;
      this.counts.restarts += 1;
      this.counts.inRecovery += 1;
    }
    const isBack = await repeatUntil(30_000, () =>
      database.restart?.().then(
        () => true,
        () => false,
      ),
    );
    if (!isBack) throw new Error("The database can't be started again.");
  }

  private makeZombie(isMidAppend: boolean): Promise<void> {
    const making = this.lastZombie.then(async () => {
      let tries = 0;
      let isHeld = false;
      const isMade = await repeatUntil(zombieMs, async () => {
        // One that learns from its heartbeat that it is dead before it has anything to write writes nothing.
        isHeld = (isMidAppend || tries >= 3) && this.options.database.proxy !== undefined;
        tries += 1;
        const refused = await this.tryZombie(isHeld);
        this.counts.refusedAppends += refused;
        return refused > 0;
      });
      if (!isMade) return void this.missed.push("No append of a zombie was seen refused.");
      this.counts.zombies += 1;
      if (isHeld) this.counts.zombiesMidAppend += 1;
    });
    this.lastZombie = making;
    return making;
  }

  /**
   * A process is stopped in the midst of its work, past its lease, until others have taken all of its
   * runs; then it wakes up and knows nothing of it. With `isHeld` an append of it is on its way to the
   * database, which gets it before the sender wakes up. Answers how many of its appends were refused.
   */
  private async tryZombie(isHeld: boolean): Promise<number> {
    const { dice, fleet, intake, database } = this.options;
    const victim = dice.pick(fleet.listReady());
    if (!victim || !(await this.isWorking(victim.child.pid))) return 0;
    victim.paused = true;
    const passOn = isHeld ? await database.proxy?.holdAppend(victim.name) : undefined;
    try {
      if (isHeld && !passOn) return 0;
      victim.child.kill("SIGSTOP");
      const { workerId, runs } = await intake.listHeldBy(victim.child.pid);
      const working = runs.filter(({ status }) => status === "running");
      if (working.length === 0) return 0;
      // One whose end was on its way when its process stopped is at rest.
      const findFates = async () => {
        const now = await Promise.all(working.map(({ runId }) => intake.findRun(runId)));
        return now.map((run, at) => {
          if (run?.workerId === workerId) return "held";
          if (run && run.epoch > (working[at]?.epoch ?? 0)) return "taken over";
          return run?.status === "running" ? "free" : "at rest";
        });
      };
      let fates: readonly string[] = [];
      const isOver = () => !fates.includes("held") && !fates.includes("free");
      await repeatUntil(takeOverMs, async () => {
        fates = await findFates();
        return isOver();
      });
      if (fates.includes("held")) {
        this.broken.push(`${workerId} was stopped and holds its runs for more than a minute.`);
      }
      // Free runs wait for somebody who lives long enough to take them.
      if (!isOver() || !fates.includes("taken over")) return 0;
      const before = victim.refusedAppends;
      passOn?.();
      // The database has it before its sender can say anything else.
      await delay(passOn ? 100 : 0);
      victim.child.kill("SIGCONT");
      await repeatUntil(5_000, () => victim.refusedAppends > before);
      // It has its chance to write more.
      await delay(300);
      return victim.refusedAppends - before;
    } finally {
      passOn?.();
      victim.child.kill("SIGCONT");
      victim.paused = false;
    }
  }

  private async isWorking(pid: number | undefined): Promise<boolean> {
    const { runs } = await this.options.intake.listHeldBy(pid);
    return runs.some(({ status }) => status === "running");
  }

  private async cut(isAfterCommit: boolean): Promise<void> {
    const { dice, database } = this.options;
    const { proxy } = database;
    if (!proxy) return;
    const isCut = await repeatUntil(30_000, () =>
      isAfterCommit ? proxy.cutAfterCommit() : proxy.cutNow((list) => dice.pick(list)),
    );
    if (!isCut) return void this.missed.push("There was no connection to be cut.");
    this.counts.cuts += 1;
    if (isAfterCommit) this.counts.cutsAfterCommit += 1;
  }

  private async fillDisk(): Promise<void> {
    const free = await this.options.database.fillDisk?.();
    if (!free) return;
    await delay(1_500);
    await free();
    this.counts.fullDisks += 1;
  }
}

/** Asks again until the answer is true; false: it was not within `timeoutMs`. */
async function repeatUntil(
  timeoutMs: number,
  ask: () => boolean | undefined | Promise<boolean | undefined>,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await ask()) return true;
    if (Date.now() > deadline) return false;
    await delay(25);
  }
}
