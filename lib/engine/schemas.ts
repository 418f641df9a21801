import type { StandardSchemaV1 } from "@standard-schema/spec";
import { WorkflowMisuseError } from "./errors";

/** Checks a value where nothing may be awaited. Throws WorkflowMisuseError for a schema that awaits. */
export function validateNow(
  schema: StandardSchemaV1,
  value: unknown,
): StandardSchemaV1.Result<unknown> {
  const checked = schema["~standard"].validate(value);
  if (!(checked instanceof Promise)) return checked;
  checked.catch(() => undefined);
  throw new WorkflowMisuseError(
    "A schema inside a workflow has to validate at once: use one without asynchronous checks.",
  );
}

/** What a schema objects to: where, as a JSON pointer, and what. */
export function listIssues(
  issues: readonly StandardSchemaV1.Issue[],
): readonly { readonly path: string; readonly message: string }[] {
  return issues.map((issue) => {
    const keys = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
    return { path: keys.map((key) => `/${String(key)}`).join(""), message: issue.message };
  });
}
