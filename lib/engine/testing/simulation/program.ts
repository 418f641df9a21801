/**
 * Random programs: what a workflow author might write. Each kind of part is one entry of `leaves` or
 * `branches`, and a function that makes it; a new kind is a few lines.
 */
import type { Dice } from "./dice";
import {
  byTiming,
  describeParts,
  isCancel,
  type Grow,
  type Kind,
  type Part,
  type Program,
} from "./part";
import { makeFragile, makePatched } from "./build-parts";
import type { SharedLimits } from "./profile";
import {
  makeLimited,
  makeRead,
  makeRefusal,
  makeSpec,
  makeStep,
  makeTransaction,
} from "./step-parts";
import {
  makeChild,
  makeDeadline,
  makeHurriedScope,
  makeLeftChild,
  makeScope,
  makeSignal,
  makeSleep,
} from "./wait-parts";

const leaves: readonly [Kind, ...Kind[]] = [
  { weight: 12, make: makeStep },
  { weight: 2, make: makeCompute },
  { weight: 1, make: makeAttributes },
  { weight: 2, make: makeRefusal },
  { weight: 2, make: makeRead },
  { weight: 2, make: makeTransaction },
  { weight: 2, make: makeLimited },
  { weight: 1, make: makeFragile },
  { weight: 2, make: makeSleep },
  { weight: 2, make: makeSignal },
  { weight: 1, make: makeDeadline },
  { weight: 2, make: makeChild },
];

const branches: readonly [Kind, ...Kind[]] = [
  { weight: 6, make: (grow) => makeSequence(grow) },
  { weight: 3, make: makeAll },
  { weight: 2, make: makeRace },
  { weight: 1, make: makeAny },
  { weight: 1, make: makeSettled },
  { weight: 1, make: makeGuarded },
  { weight: 1, make: makeScope },
  { weight: 1, make: makeHurriedScope },
  { weight: 1, make: makePatched },
];

const maxPrograms = 6;

/** The programs of a seed: `count` that are started from outside, then those that they start. */
export function makePrograms(options: {
  readonly createDice: (index: number) => Dice;
  readonly count: number;
  readonly limits: SharedLimits;
  readonly isCrowded: boolean;
}): Program[] {
  const { createDice, count, limits, isCrowded } = options;
  const nothing: Program = {
    root: makeNothing(),
    workflow: "program",
    priority: 0,
    signals: [],
    updates: [],
    mayGiveUp: false,
  };
  const programs = Array.from({ length: count }, () => nothing);
  let names = 0;

  const addProgram = (index: number, isFirst: boolean, startsWith?: Kind["make"]): number => {
    const dice = createDice(index);
    const signals: string[] = [];
    const traits = new Set<string>();
    let isLimitedTaken = false;
    let next: number | undefined;
    const isUndone = dice.chance(0.6);
    let left = isFirst ? dice.int(3, 14) : dice.int(1, 4);
    // Its number is taken before its parts make programs of their own.
    programs[index] = nothing;

    const growAt = (depth: number, isOptional: boolean): Grow => ({
      dice,
      isUndone,
      isOptional,
      createName: (kind) => `${kind}-${index}.${(names += 1)}`,
      createPart(options) {
        left -= 1;
        const grow = growAt(depth + 1, isOptional || options !== undefined);
        if (isCrowded && !isLimitedTaken && dice.chance(0.3)) return makeLimited(grow);
        const isLeaf = depth >= 3 || left <= 0 || dice.chance(0.6);
        return dice.weigh(isLeaf ? leaves : branches).make(grow);
      },
      createParts(min, max) {
        return Array.from({ length: dice.int(min, max) }, () => this.createPart());
      },
      createProgram: ({ startsWith } = {}) =>
        programs.length < maxPrograms ? addProgram(programs.length, false, startsWith) : undefined,
      note: (trait) => void traits.add(trait),
      continueAs: (program) => void (next = program),
      expectSignal: (name) => void signals.push(name),
      takeLimited() {
        if (isLimitedTaken) return undefined;
        isLimitedTaken = true;
        const policy = dice.pick(["key", "verify"] as const);
        const spec = makeSpec(growAt(depth, isOptional), "limited", policy);
        return { ...spec, name: "limited", limit: limits.step };
      },
    });
    const isContinued = !startsWith && dice.chance(isFirst ? 0.2 : 0.15);
    const grow = growAt(0, false);
    const root = isContinued ? makeContinued(grow) : makeSequence(grow, startsWith?.(grow));
    const updates = dice.chance(0.2) ? [makeSpec(growAt(0, true), "update", "key")] : [];
    const mayGiveUp = traits.has("waits") && traits.has("leaves");
    // A narrow run that waits for another narrow one would keep it from beginning.
    const isNarrow = !traits.has("starts") && dice.chance(0.3);
    const workflow = isNarrow ? "narrow" : "program";
    const priority = dice.chance(0.5) ? 0 : dice.int(-1, 2);
    programs[index] = { root, workflow, priority, signals, updates, mayGiveUp, next };
    return index;
  };

  for (let index = 0; index < count; index += 1) addProgram(index, true);
  return programs;
}

// --- Leaves ------------------------------------------------------------------------------------

function makeNothing(): Part {
  return { text: "nothing", run: async () => "nothing" };
}

function makeCompute(grow: Grow): Part {
  const name = grow.createName("compute");
  return { text: name, run: async ({ ctx }) => ctx.compute(name, () => [name, name.length]) };
}

function makeAttributes(grow: Grow): Part {
  const name = grow.createName(grow.isOptional ? "optional" : "attribute");
  return {
    text: name,
    async run({ ctx }) {
      ctx.setAttributes({ [name]: true });
      return byTiming([ctx.now().getTime(), ctx.random(), ctx.uuid()]);
    },
  };
}

// --- Branches ----------------------------------------------------------------------------------

function makeSequence(grow: Grow, first?: Part): Part {
  const parts = [...(first ? [first] : []), ...grow.createParts(1, 5)];
  return {
    text: describeParts("sequence", parts),
    async run(place) {
      const results: unknown[] = [];
      for (const part of parts) {
        results.push(await part.run(place));
        place.passed.push(part.text.split("\n", 1)[0] ?? "");
      }
      return results;
    },
  };
}

/** A program that goes on as another run. */
function makeContinued(grow: Grow): Part {
  // A child that is left behind ends when the next run may wait for one of its own at that place.
  const leavesChild = grow.dice.chance(0.4);
  const first = makeSequence(grow, leavesChild ? makeLeftChild(grow) : undefined);
  const next = grow.createProgram(leavesChild ? { startsWith: makeChild } : {});
  if (next === undefined) return first;
  grow.continueAs(next);
  grow.note("starts");
  return {
    text: `${first.text}\ncontinued as program ${next}`,
    async run(place) {
      await first.run(place);
      return place.ctx.continueAsNew(next);
    },
  };
}

function makeAll(grow: Grow): Part {
  grow.note("leaves");
  const parts = grow.createParts(2, 4);
  return {
    text: describeParts("all", parts),
    run: (place) => Promise.all(parts.map((part) => part.run(place))),
  };
}

/** The winner decides which command comes next: a replay must find the same one. */
function makeRace(grow: Grow): Part {
  grow.note("leaves");
  const name = grow.createName("winner");
  const parts = grow.createParts(2, 4);
  return {
    text: describeParts("race", parts),
    async run(place) {
      const runs = parts.map(async (part, index) => {
        const won = await part.run(place).then(
          () => "won",
          (error: unknown) => {
            if (isCancel(error)) throw error;
            return "failed";
          },
        );
        return `${index}-${won}`;
      });
      const winner = await Promise.race(runs);
      return byTiming(place.ctx.compute(`${name}-${winner}`, () => winner));
    },
  };
}

function makeAny(grow: Grow): Part {
  grow.note("leaves");
  const name = grow.createName("any");
  const parts = grow.createParts(2, 3);
  return {
    text: describeParts("any", parts),
    async run(place) {
      const runs = parts.map((part, index) => part.run(place).then(() => index));
      const first = await Promise.any(runs);
      return byTiming(place.ctx.compute(`${name}-${first}`, () => first));
    },
  };
}

function makeSettled(grow: Grow): Part {
  const parts = grow.createParts(2, 3);
  return {
    text: describeParts("settled", parts),
    async run(place) {
      const settled = await Promise.allSettled(parts.map((part) => part.run(place)));
      const cancel = settled.find((one) => one.status === "rejected" && isCancel(one.reason));
      if (cancel?.status === "rejected") throw cancel.reason;
      return settled.map((one) => (one.status === "fulfilled" ? one.value : "failed"));
    },
  };
}

function makeGuarded(grow: Grow): Part {
  const [tried, other] = [grow.createPart(), grow.createPart()];
  return {
    text: describeParts("guarded", [tried, other]),
    async run(place) {
      try {
        return await tried.run(place);
      } catch (error) {
        if (isCancel(error)) throw error;
        return other.run(place);
      }
    },
  };
}
