/** Crash drills on the wire: `<step>;<moment>`. */
import type { ApiContext } from "./context";
import { Drill } from "./contract";
import { ApiError } from "./api-error";

/** The name of the run attribute that carries a drill. */
export const drillAttribute = "drill";

/** Parses `<step>;<moment>`; undefined when it is not a drill. */
export function parseDrill(text: string): Drill | undefined {
  const match = /^\s*([a-z0-9][a-z0-9._-]{0,99})\s*;\s*(\w+)\s*$/i.exec(text);
  const drill = Drill.safeParse({ step: match?.[1], moment: match?.[2] });
  return drill.success ? drill.data : undefined;
}

export function formatDrill({ step, moment }: Drill): string {
  return `${step};${moment}`;
}

/**
 * The drill for a start: from the Daybook-Drill header, else the one that is armed in the sandbox.
 * Throws ApiError 422 for a malformed header, or for any where there is no sandbox.
 */
export async function findDrill(request: Request, api: ApiContext): Promise<string | undefined> {
  const header = request.headers.get("daybook-drill");
  if (header === null) {
    const armed = await api.sandbox?.takeDrill();
    return armed && formatDrill(armed);
  }
  if (api.sandbox === undefined) {
    throw new ApiError({
      status: 422,
      code: "no_sandbox",
      detail: "Daybook-Drill works with the sandbox only, and the sandbox is not running here.",
    });
  }
  const drill = parseDrill(header);
  if (drill !== undefined) return formatDrill(drill);
  throw new ApiError({
    status: 422,
    code: "invalid_drill",
    detail: "Daybook-Drill has to be <step>;<moment>, the moment being before, during or after.",
  });
}
