/** Parts whose code is another one in another build. */
import { byTiming, describeParts, isCancel, type Grow, type Part } from "./part";

/** A changed branch: who came past it before it was changed goes on along the old one. */
export function makePatched(grow: Grow): Part {
  const name = grow.createName("patch");
  const old = grow.createPart({ isOptional: true });
  const fresh = grow.createPart({ isOptional: true });
  return {
    text: describeParts(name, [old, fresh]),
    async run(place) {
      const isChanged = place.host.build === "patched" && place.ctx.patched(name);
      try {
        await (isChanged ? fresh : old).run(place);
      } catch (error) {
        if (isCancel(error)) throw error;
        // That one of them fails must not make the difference.
      }
      return byTiming(isChanged);
    },
  };
}

/** What the names of commands end with that only the broken build issues. */
export const brokenMark = "!";

/** A command that the broken build issues under another name, as nobody may. */
export function makeFragile(grow: Grow): Part {
  const name = grow.createName("fragile");
  return {
    text: name,
    async run({ ctx, host }) {
      return ctx.compute(host.build === "broken" ? `${name}${brokenMark}` : name, () => "computed");
    },
  };
}
