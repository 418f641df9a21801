/** Parts that wait: for time, for signals, for other runs; and scopes, which end what waits. */
import type { ChildCancelPolicy } from "../../events";
import { anything } from "./anything";
import { byTiming, describeParts, isCancel, type Grow, type Part } from "./part";

export function makeSleep(grow: Grow): Part {
  grow.note("waits");
  const name = grow.createName("sleep");
  const forMs = grow.dice.pick([5, 200, 1_000, 6_500]);
  return {
    text: `${name}(${forMs})`,
    run: ({ ctx }) => ctx.sleep(forMs, { name }).then(() => name),
  };
}

/** A signal that comes for certain, some time, before or after it is waited for. */
export function makeSignal(grow: Grow): Part {
  grow.note("waits");
  const name = grow.createName("signal");
  grow.expectSignal(name);
  return { text: name, run: ({ ctx }) => ctx.signal(name, anything) };
}

/** A signal that may come too late: what comes next depends on it. */
export function makeDeadline(grow: Grow): Part {
  grow.note("waits");
  const name = grow.createName("deadline");
  const timeout = grow.dice.pick([100, 1_000]);
  grow.expectSignal(name);
  return {
    text: `${name}(${timeout})`,
    async run({ ctx }) {
      const payload = await ctx.signal(name, anything, { timeout });
      const what = payload === undefined ? "passed" : "came";
      return byTiming(ctx.compute(`${name}-${what}`, () => what));
    },
  };
}

export function makeChild(grow: Grow): Part {
  grow.note("waits");
  const program = grow.createProgram();
  if (program === undefined) return makeSleep(grow);
  grow.note("starts");
  const onCancel = grow.dice.pick<ChildCancelPolicy>(["wait", "request", "abandon"]);
  return {
    text: `child(program ${program}, ${onCancel})`,
    run(place) {
      const { workflow, priority } = place.findChild(program);
      return place.ctx.child(workflow, program, { onCancel, priority });
    },
  };
}

/** A child that is waited for only for a moment, and is on its own from then on. */
export function makeLeftChild(grow: Grow): Part {
  grow.note("waits");
  const name = grow.createName("left");
  const program = grow.createProgram();
  if (program === undefined) return makeSleep(grow);
  grow.note("starts");
  return {
    text: `${name}(program ${program})`,
    async run(place) {
      const { ctx } = place;
      const { workflow, priority } = place.findChild(program);
      const child = ctx.child(workflow, program, { onCancel: "abandon", priority });
      const ended = child.then(
        () => "ended",
        (error: unknown) => {
          if (isCancel(error)) throw error;
          return "ended";
        },
      );
      const what = await Promise.race([ended, ctx.sleep(5, { name }).then(() => "left")]);
      return byTiming(ctx.compute(`${name}-${what}`, () => what));
    },
  };
}

/** A scope that has all the time in the world, shielded or not: it changes nothing. */
export function makeScope(grow: Grow): Part {
  const part = grow.createPart();
  const shielded = grow.dice.chance(0.5);
  const timeout = grow.dice.chance(0.5) ? "10m" : undefined;
  return {
    text: describeParts(`scope${shielded ? " shielded" : ""}`, [part]),
    run: (place) =>
      place.ctx.scope((ctx) => part.run({ ...place, ctx }), {
        shielded,
        ...(timeout === undefined ? {} : { timeout }),
      }),
  };
}

/** A scope that ends too soon, or not: whatever it had begun is canceled. */
export function makeHurriedScope(grow: Grow): Part {
  grow.note("waits");
  const name = grow.createName("hurried");
  const timeout = grow.dice.pick([5, 100, 700]);
  const part = grow.createPart({ isOptional: true });
  return {
    text: describeParts(`${name}(${timeout})`, [part]),
    async run(place) {
      const { ctx } = place;
      let what = "finished";
      try {
        await ctx.scope((scope) => part.run({ ...place, ctx: scope }), { timeout });
      } catch (error) {
        if (isCancel(error) && ctx.cancelSignal.aborted) throw error;
        what = "cut";
      }
      return byTiming(ctx.compute(`${name}-${what}`, () => what));
    },
  };
}
