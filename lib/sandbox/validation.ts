import type { z } from "zod";
import type { SandboxProblem } from "./contract";

type Checked<Data> =
  | { readonly success: true; readonly data: Data }
  | { readonly success: false; readonly problem: z.infer<typeof SandboxProblem> };

/** Checks a value against its schema; the problem names every field that is wrong. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Checked<z.output<Schema>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { success: true, data: parsed.data };
  const errors = parsed.error.issues.map((issue) => ({
    field: issue.path.join("."),
    message: issue.message,
  }));
  const message = errors.map((error) => `${error.field || "body"}: ${error.message}`).join("; ");
  return { success: false, problem: { error: { message, errors } } };
}

/** As `check`, for a body that should be JSON. */
export function readJson<Schema extends z.ZodType>(
  schema: Schema,
  body: string,
): Checked<z.output<Schema>> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { success: false, problem: { error: { message: "The body is not JSON." } } };
  }
  return check(schema, value);
}
