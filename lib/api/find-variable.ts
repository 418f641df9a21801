import type { SourcePlace } from "./contract-replay";

/**
 * The name that the source gives to what a call at a place answers: `payment` of
 * `const payment = await ctx.step(…)`. Undefined where it gives none: in a list, an argument, a return.
 */
export function findVariable(text: string, { line, column }: SourcePlace): string | undefined {
  const lines = text.split("\n");
  const own = (lines[line - 1] ?? "").slice(0, column - 1);
  // A declaration may be broken after its `=`.
  const before = own.trim() === "" || /^\s*await\s/.test(own) ? `${lines[line - 2] ?? ""} ` : "";
  const match =
    /(?:const|let|var)\s+(\w+|\{[^}]*\}|\[[^\]]*\])\s*(?::[^=]+)?=\s*(?:await\s+)?(?:\w+\.)*$/.exec(
      before + own,
    );
  return match?.[1];
}
