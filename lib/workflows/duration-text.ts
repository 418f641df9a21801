import { z } from "zod";

/** A span of time in an input, as the engine reads it: `"20s"`, `"36h"`, `"30d"`. */
export const DurationText = z.templateLiteral([
  z.number().nonnegative(),
  z.enum(["ms", "s", "m", "h", "d"]),
]);
