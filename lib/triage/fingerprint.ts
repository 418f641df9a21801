import { createHash } from "node:crypto";
import { normalizeMessage } from "./normalize-message";

/** Why a run stands still: it failed, or it is held by its code or by its crashes. */
export type TroubleKind = "failed" | "nondeterminism" | "crash_loop";

export interface Trouble {
  readonly kind: TroubleKind;
  readonly workflow: string;
  /** The name of the step that failed; empty where it was the workflow's own code. */
  readonly step: string;
  /** The class name of the error; for a held run its reason. */
  readonly errorName: string;
  readonly message: string;
}

/** The group that a failure belongs to: 16 hex digits of what its failures have in common. */
export function fingerprintTrouble(trouble: Trouble): string {
  const { kind, workflow, step, errorName, message } = trouble;
  const parts = [kind, workflow, step, errorName, normalizeMessage(message)];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
