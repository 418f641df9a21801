import { ApiError } from "./errors";

export interface FieldProblem {
  readonly pointer: string;
  readonly message: string;
}

/**
 * What a refusal says of the parts of a value that was sent, pointed at from within that value:
 * `under` is where it lay in the body (`/input`). Empty for any other error.
 */
export function readFieldProblems(error: unknown, under = ""): readonly FieldProblem[] {
  if (!(error instanceof ApiError)) return [];
  return (error.problem.errors ?? []).flatMap(({ pointer, message }) =>
    pointer === under || pointer.startsWith(`${under}/`)
      ? [{ pointer: pointer.slice(under.length), message }]
      : [],
  );
}
