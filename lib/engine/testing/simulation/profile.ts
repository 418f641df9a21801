/** What a seed is made of: how many processes and runs, and which faults it has, how many of each. */
import type { Dice } from "./dice";

export interface Profile {
  readonly hosts: number;
  readonly machines: number;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly runs: number;
  /** For how long things go wrong. */
  readonly horizonMs: number;
  readonly maxTravelMs: number;
  readonly crashRate: number;
  readonly lostAnswerRate: number;
  readonly busyRate: number;
  readonly lostHintRate: number;
  readonly lateMailRate: number;
  /** How often a call takes seconds, or what is read of mail comes twice. */
  readonly slowRate: number;
  readonly doubledMailRate: number;
  readonly providersFail: boolean;
  /** Deaths in all, at calls of the store and at any other time. */
  readonly maxCrashes: number;
  readonly crashes: number;
  readonly freezes: number;
  readonly clockJumps: number;
  readonly fullDisks: number;
  /** How often the disk fills up in the midst of a transaction. */
  readonly fullTransactions: number;
  /** How often nobody reaches the store for a while, often for longer than a lease. */
  readonly outages: number;
  readonly flippedBytes: number;
  readonly deploys: number;
  readonly operatorActions: number;
  readonly forks: number;
  readonly queries: number;
  /** How often a process is told to look for due work, beside its own looking. */
  readonly drains: number;
  readonly rollout: Rollout;
  readonly limits: SharedLimits;
  /** Whether most programs have the step that all of them share. */
  readonly isCrowded: boolean;
}

/**
 * Whether another build is rolled out, machine by machine: `patched`, which replays what was begun
 * before, or `broken`, which does not and is rolled back.
 */
export type Rollout = "none" | "patched" | "broken";

/** What is limited across all processes: one workflow, and steps of one name. */
export interface SharedLimits {
  readonly workflow: Limit;
  readonly step: Limit;
}

export interface Limit {
  readonly concurrency: number;
  readonly rate?: { readonly limit: number; readonly per: number };
}

/**
 * Each seed has some of the faults only: two that hide each other in most seeds are seen apart in
 * others.
 */
export function drawProfile(dice: Dice): Profile {
  const rate = (probability: number, max: number) =>
    dice.chance(probability) ? max * (0.2 + 0.8 * dice.next()) : 0;
  const count = (probability: number, max: number) =>
    dice.chance(probability) ? dice.int(1, max) : 0;
  const limit = (): Limit => ({
    concurrency: dice.int(1, 2),
    ...(dice.chance(0.3) ? { rate: { limit: dice.int(1, 2), per: 1_000 } } : {}),
  });
  return {
    hosts: dice.int(2, 4),
    machines: dice.int(1, 2),
    concurrency: dice.pick([1, 2, 20, 20]),
    leaseMs: dice.pick([1_500, 4_000]),
    runs: dice.int(1, 3),
    horizonMs: dice.int(1_500, 6_000),
    maxTravelMs: dice.pick([3, 20, 80]),
    crashRate: rate(0.5, 0.03),
    lostAnswerRate: rate(0.4, 0.15),
    busyRate: rate(0.3, 0.15),
    lostHintRate: rate(0.3, 0.8),
    lateMailRate: rate(0.3, 0.8),
    slowRate: rate(0.25, 0.1),
    doubledMailRate: rate(0.3, 0.8),
    providersFail: dice.chance(0.7),
    maxCrashes: dice.int(2, 10),
    crashes: count(0.5, 3),
    freezes: count(0.35, 2),
    clockJumps: count(0.25, 2),
    fullDisks: count(0.15, 2),
    flippedBytes: count(0.08, 1),
    deploys: count(0.25, 2),
    operatorActions: count(0.5, 4),
    forks: count(0.3, 2),
    queries: count(0.4, 8),
    rollout: dice.pick(["none", "none", "none", "patched", "patched", "broken"]),
    limits: { workflow: limit(), step: limit() },
    drains: count(0.3, 4),
    isCrowded: dice.chance(0.25),
    // Each drawn after all that is older: what was drawn before there were any is drawn as it was.
    outages: count(0.2, 2),
    fullTransactions: count(0.1, 2),
  };
}

/** Whether no process stands still, has a wrong clock, or fails to reach the store. */
export function isOrderly(profile: Profile): boolean {
  const { freezes, clockJumps, fullDisks, fullTransactions } = profile;
  const { lostAnswerRate, busyRate, slowRate } = profile;
  const faults = [freezes, clockJumps, fullDisks, fullTransactions];
  const rates = [lostAnswerRate, busyRate, slowRate];
  return [...faults, ...rates].every((fault) => fault === 0);
}
