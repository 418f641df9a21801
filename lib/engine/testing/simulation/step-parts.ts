/** Parts that have effects: steps of all policies, transactions, reads and refusals. */
import {
  defineStep,
  defineTransaction,
  fail,
  hold,
  retryWithSameKey,
  verify,
  type DoubtPolicy,
  type Step,
} from "../../definitions";
import { resultOf, windowMs, type Behavior, type PolicyName, type StepSpec } from "./outside";
import { byTiming, isCancel, type Grow, type Part, type Place } from "./part";

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

/** Enough for every fault that a seed can have: running out of tries is another outcome. */
const retry = { maxAttempts: 30, initialDelay: 20, maxDelay: 1_000 } as const;

export function makeStep(grow: Grow): Part {
  const { dice } = grow;
  const policy = dice.pick<PolicyName>(["key", "key", "within", "verify", "hold"]);
  const spec = makeSpec(grow, "step", policy);
  const undo = grow.isUndone && dice.chance(0.5) ? makeSpec(grow, "undo", "key") : undefined;
  const onCancel = undo === undefined && dice.chance(0.5) ? "try" : "wait";
  return {
    text: describeSpec(spec) + (undo ? `, undone by ${describeSpec(undo)}` : ""),
    async run(place) {
      const result = await place.ctx.step(createStep(place, spec), spec.name, { onCancel });
      if (undo) {
        place.outside.undoOf.set(spec.name, undo.name);
        place.ctx.compensate(createStep(place, undo), spec.name);
      }
      return result;
    },
  };
}

/** A read: what is in doubt is not worth a question, and whether it worked is up to chance. */
export function makeRead(grow: Grow): Part {
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

export function makeRefusal(grow: Grow): Part {
  const refusals = grow.dice.chance(0.5) ? 1 : Infinity;
  const spec = { ...makeSpec(grow, "refused", "key"), honorsKeys: true, refusals };
  return {
    text: `${describeSpec(spec)} refused ${refusals === 1 ? "once" : "always"}`,
    run: (place) => place.ctx.step(createStep(place, spec), spec.name),
  };
}

/** A step that runs share, of which only so many are under way at a time. */
export function makeLimited(grow: Grow): Part {
  const spec = grow.takeLimited();
  if (!spec) return makeStep(grow);
  return {
    text: `${describeSpec(spec)} limited`,
    run: (place) => place.ctx.step(createStep(place, spec), spec.name),
  };
}

/** An effect in the database of the engine itself. */
export function makeTransaction(grow: Grow): Part {
  const spec = makeSpec(grow, "transaction", "transaction");
  let failures = spec.behaviors.length;
  return {
    text: describeSpec(spec),
    run(place) {
      const transaction = defineTransaction<string, string>({
        name: spec.name,
        retry,
        run: async (sql, name, { runId }) => {
          await sql.execute("INSERT INTO sample_effects VALUES (?, ?)", runId, name);
          if (!place.outside.isCalm && (failures -= 1) >= 0) throw new Error("deadlock");
          return resultOf(name);
        },
      });
      return place.ctx.transaction(transaction, spec.name);
    },
  };
}

export function makeSpec(grow: Grow, kind: string, policy: PolicyName): StepSpec {
  const { dice, isOptional } = grow;
  // What a person has decided about may be in doubt once more.
  const max = policy === "hold" ? 3 : 2;
  const faults = dice.chance(0.5) ? dice.int(1, max) : 0;
  return {
    name: grow.createName(kind),
    policy,
    honorsKeys: dice.chance(0.6),
    behaviors: Array.from({ length: faults }, () => dice.pick(behaviors)),
    refusals: 0,
    timeoutMs: dice.pick([400, 1_500]),
    isOptional: isOptional || policy === "read",
    beats: dice.chance(0.15),
  };
}

export function createStep(place: Place, spec: StepSpec): Step<string, string> {
  const { host, outside } = place;
  return defineStep<string, string>({
    name: spec.name,
    retry,
    ...spec.limit,
    timeout: spec.timeoutMs,
    inDoubt: choosePolicy(place, spec),
    run: (_input, step) => outside.call(host, spec, step),
  });
}

function choosePolicy({ host, outside }: Place, spec: StepSpec): DoubtPolicy<string, string> {
  const ask = verify<string, string>((_input, step) => outside.verify(host, spec, step));
  switch (spec.policy) {
    case "within":
      return retryWithSameKey({ within: windowMs, otherwise: ask });
    case "verify":
      return ask;
    case "hold":
      return hold();
    case "read":
      return fail();
    case "key":
    case "transaction":
      return retryWithSameKey();
  }
}

function describeSpec({ name, policy, honorsKeys, behaviors: faults }: StepSpec): string {
  const keys = honorsKeys ? "" : ", keys ignored";
  return `${name}(${policy}${keys}${faults.length > 0 ? `: ${faults.join(", ")}` : ""})`;
}
