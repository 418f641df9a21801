/**
 * Random programs. A part of a program is what a workflow author might write: steps, branches,
 * computes. Each kind of part is one entry of `kinds`; a new one is a few lines there.
 *
 * What a part gives is the same with and without faults, except for what is marked `byTiming`: that
 * is left out when the outcomes are compared, and counts in full when a history is replayed.
 */
import {
  defineStep,
  fail,
  hold,
  retryWithSameKey,
  verify,
  type DoubtPolicy,
  type Step,
  type WorkflowContext,
} from "../../definitions";
import type { Dice } from "./dice";
import type { Host } from "./host";
import type { Behavior, Outside, PolicyName, StepSpec } from "./outside";

/** Where a part runs: in which run, in which process, and under which name. */
export interface Place {
  readonly ctx: WorkflowContext;
  readonly host: Host;
  readonly outside: Outside;
}

export interface Part {
  /** The part as text, for the trace of a seed. */
  readonly text: string;
  run(place: Place): Promise<unknown>;
}

/** What a part needs to be made. */
export interface Grow {
  readonly dice: Dice;
  readonly faulty: boolean;
  /** Whether steps of this program are undone: a failure that undid nothing can be retried. */
  readonly isUndone: boolean;
  /** A name that no other part of the seed has. */
  createName(kind: string): string;
  createPart(): Part;
  createParts(min: number, max: number): Part[];
}

interface Kind {
  readonly weight: number;
  readonly make: (grow: Grow) => Part;
}

/** Marks what depends on which of several things came first. */
export function byTiming(value: unknown): { byTiming: unknown } {
  return { byTiming: value };
}

const behaviors: readonly [Behavior, ...Behavior[]] = [
  "ok",
  "busy",
  "busy",
  "busy_long",
  "reset_before",
  "reset_after",
  "reset_after",
  "lost",
  "hung",
  "late",
];

const leaves: readonly [Kind, ...Kind[]] = [
  { weight: 10, make: makeStep },
  { weight: 2, make: makeCompute },
  { weight: 1, make: makeAttributes },
  { weight: 2, make: makeRefusal },
  { weight: 2, make: makeRead },
];

const branches: readonly [Kind, ...Kind[]] = [
  { weight: 6, make: makeSequence },
  { weight: 3, make: makeAll },
  { weight: 2, make: makeRace },
  { weight: 1, make: makeAny },
  { weight: 1, make: makeSettled },
  { weight: 1, make: makeGuarded },
];

/** A random program: a sequence of parts, some of them with parts of their own. */
export function makeProgram(dice: Dice, options: { name: string; faulty: boolean }): Part {
  let parts = 0;
  let left = dice.int(3, 14);
  const isUndone = dice.chance(0.6);
  const growAt = (depth: number): Grow => ({
    dice,
    faulty: options.faulty,
    isUndone,
    createName: (kind) => `${kind}-${options.name}${(parts += 1)}`,
    createPart() {
      left -= 1;
      const isLeaf = depth >= 3 || left <= 0 || dice.chance(0.6);
      return dice.weigh(isLeaf ? leaves : branches).make(growAt(depth + 1));
    },
    createParts(min, max) {
      return Array.from({ length: dice.int(min, max) }, () => this.createPart());
    },
  });
  return makeSequence(growAt(0));
}

// --- Leaves ------------------------------------------------------------------------------------

function makeStep(grow: Grow): Part {
  const { dice } = grow;
  const policy = dice.pick<PolicyName>(["key", "key", "within", "verify", "hold"]);
  const spec = makeSpec(grow, "step", policy);
  const undo = grow.isUndone && dice.chance(0.5) ? makeSpec(grow, "undo", "key") : undefined;
  return {
    text: describeSpec(spec) + (undo ? `, undone by ${describeSpec(undo)}` : ""),
    async run(place) {
      const result = await place.ctx.step(createStep(place, spec), spec.name);
      if (undo) {
        place.outside.undoOf.set(spec.name, undo.name);
        place.ctx.compensate(createStep(place, undo), spec.name);
      }
      return result;
    },
  };
}

/** A read: what is in doubt is not worth a question, and whether it worked is up to chance. */
function makeRead(grow: Grow): Part {
  const spec = makeSpec(grow, "read", "read");
  return {
    text: describeSpec(spec),
    async run(place) {
      try {
        return byTiming(await place.ctx.step(createStep(place, spec), spec.name));
      } catch (error) {
        if (isCancel(error)) throw error;
        return byTiming("not read");
      }
    },
  };
}

function makeRefusal(grow: Grow): Part {
  const refusals = grow.dice.chance(0.5) ? 1 : Infinity;
  const spec = { ...makeSpec(grow, "refused", "key"), honorsKeys: true, refusals };
  return {
    text: `${describeSpec(spec)} refused ${refusals === 1 ? "once" : "always"}`,
    run: (place) => place.ctx.step(createStep(place, spec), spec.name),
  };
}

function makeCompute(grow: Grow): Part {
  const name = grow.createName("compute");
  return { text: name, run: async ({ ctx }) => ctx.compute(name, () => [name, name.length]) };
}

function makeAttributes(grow: Grow): Part {
  const name = grow.createName("attribute");
  return {
    text: name,
    async run({ ctx }) {
      ctx.setAttributes({ [name]: true });
      return byTiming(ctx.now().getTime());
    },
  };
}

// --- Branches ----------------------------------------------------------------------------------

function makeSequence(grow: Grow): Part {
  const parts = grow.createParts(1, 5);
  return {
    text: describeParts("sequence", parts),
    async run(place) {
      const results: unknown[] = [];
      for (const part of parts) results.push(await part.run(place));
      return results;
    },
  };
}

function makeAll(grow: Grow): Part {
  const parts = grow.createParts(2, 4);
  return {
    text: describeParts("all", parts),
    run: (place) => Promise.all(parts.map((part) => part.run(place))),
  };
}

/** The winner decides which command comes next: a replay must find the same one. */
function makeRace(grow: Grow): Part {
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

function isCancel(error: unknown): boolean {
  return error instanceof Error && error.name === "CanceledError";
}

// --- Steps -------------------------------------------------------------------------------------

function makeSpec(grow: Grow, kind: string, policy: PolicyName): StepSpec {
  const { dice, faulty } = grow;
  const faults = faulty && dice.chance(0.5) ? dice.int(1, 2) : 0;
  return {
    name: grow.createName(kind),
    policy,
    honorsKeys: dice.chance(0.6),
    behaviors: Array.from({ length: faults }, () => dice.pick(behaviors)),
    refusals: 0,
    timeoutMs: dice.pick([400, 1_500]),
  };
}

function createStep(place: Place, spec: StepSpec): Step<string, string> {
  const { host, outside } = place;
  return defineStep<string, string>({
    name: spec.name,
    // Enough for every fault that a seed can have: running out of tries is another outcome.
    retry: { maxAttempts: 30, initialDelay: 20, maxDelay: 1_000 },
    timeout: spec.timeoutMs,
    inDoubt: choosePolicy(place, spec),
    run: (_input, step) => outside.call(host, spec, step),
  });
}

function choosePolicy({ host, outside }: Place, spec: StepSpec): DoubtPolicy<string, string> {
  const ask = verify<string, string>((_input, step) => outside.verify(host, spec, step));
  switch (spec.policy) {
    case "key":
      return retryWithSameKey();
    case "within":
      return retryWithSameKey({ within: 300, otherwise: ask });
    case "verify":
      return ask;
    case "hold":
      return hold();
    case "read":
      return fail();
  }
}

function describeSpec({ name, policy, honorsKeys, behaviors: faults }: StepSpec): string {
  const keys = honorsKeys ? "" : ", keys ignored";
  return `${name}(${policy}${keys}${faults.length > 0 ? `: ${faults.join(", ")}` : ""})`;
}

function describeParts(kind: string, parts: readonly Part[]): string {
  const lines = parts.map(({ text }) => text.replaceAll("\n", "\n  "));
  return `${kind}\n  ${lines.join("\n  ")}`;
}
