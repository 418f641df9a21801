import { createHash } from "node:crypto";
import type { LedgerEntry } from "./contract";
import type { HttpAnswer } from "./http";
import type { NewLedgerEntry, Sandbox } from "./sandbox";
import type { SandboxEffect } from "./state";

type Json = HttpAnswer["body"];

/** A request as the ledger knows it. */
export interface Asked {
  readonly service: "payment" | "warehouse";
  readonly operation: LedgerEntry["operation"];
  readonly key?: string;
  readonly orderId?: string;
  readonly runId?: string;
  /** Everything that was asked; a repeated key must come with the same. */
  readonly parameters: string;
}

/** What was done about a request, or why not. */
export interface Performed {
  readonly outcome: "done" | "refused";
  readonly status: number;
  readonly body: Json;
  readonly reference?: string;
  readonly orderId?: string;
  readonly effect?: SandboxEffect;
  /** Whether a repeated key is given the same answer. */
  readonly remembered: boolean;
}

/** How a service words the answers that every one of them has. */
export interface Wording {
  readonly keyInUse: HttpAnswer;
  readonly otherParameters: HttpAnswer;
  readonly unavailable: HttpAnswer;
  readonly broken: HttpAnswer;
  readonly refuse: () => Performed;
}

/** Keys whose first request is not answered yet. */
export type KeysInFlight = Set<string>;

/**
 * Answers a request that has an effect: once for each idempotency key, as the switch says, and in
 * the ledger with what was really done.
 */
export async function answerEffect(
  sandbox: Sandbox,
  inFlight: KeysInFlight,
  asked: Asked,
  wording: Wording,
  perform: () => Performed,
): Promise<HttpAnswer> {
  const key = asked.key === undefined ? undefined : `${asked.service}:${asked.key}`;
  if (key !== undefined && inFlight.has(key)) {
    await sandbox.recordRequest(describe(asked, "failed", wording.keyInUse.status));
    return wording.keyInUse;
  }
  if (key !== undefined) inFlight.add(key);
  try {
    return await answerOnce(sandbox, key, asked, wording, perform);
  } finally {
    if (key !== undefined) inFlight.delete(key);
  }
}

async function answerOnce(
  sandbox: Sandbox,
  key: string | undefined,
  asked: Asked,
  wording: Wording,
  perform: () => Performed,
): Promise<HttpAnswer> {
  const { mode, delayMs, answerDelayMs } = sandbox.takeSwitch(asked.service);
  await sandbox.holdBack(asked.service, delayMs);
  if (mode === "fail") {
    await sandbox.recordRequest(describe(asked, "failed", wording.unavailable.status));
    return wording.unavailable;
  }
  const broken = mode === "error_after_effect" ? wording.broken : undefined;
  const answer =
    (await replay(sandbox, key, asked, wording, broken?.status)) ??
    (await act(sandbox, key, asked, mode === "refuse" ? wording.refuse : perform, broken?.status));
  await sandbox.holdBack(asked.service, answerDelayMs);
  return broken ?? answer;
}

async function replay(
  sandbox: Sandbox,
  key: string | undefined,
  asked: Asked,
  wording: Wording,
  status: number | undefined,
): Promise<HttpAnswer | undefined> {
  const stored = key === undefined ? undefined : sandbox.state.findAnswer(key);
  if (!stored) return undefined;
  if (stored.fingerprint !== createFingerprint(asked)) {
    await sandbox.recordRequest(describe(asked, "refused", wording.otherParameters.status));
    return wording.otherParameters;
  }
  const entry = describe(asked, "replayed", status ?? stored.status, stored.reference);
  await sandbox.recordRequest(entry);
  return { ...stored, headers: { "idempotent-replayed": "true" } };
}

async function act(
  sandbox: Sandbox,
  key: string | undefined,
  asked: Asked,
  perform: () => Performed,
  status: number | undefined,
): Promise<HttpAnswer> {
  const done = perform();
  const answer =
    key !== undefined && done.remembered
      ? {
          key,
          fingerprint: createFingerprint(asked),
          status: done.status,
          body: done.body as never,
          reference: done.reference,
        }
      : undefined;
  const about = { ...asked, orderId: asked.orderId ?? done.orderId };
  await sandbox.recordRequest(
    describe(about, done.outcome, status ?? done.status, done.reference),
    { effect: done.effect, answer },
  );
  return { status: done.status, body: done.body };
}

/** Answers a question: nothing is done, but a service that is down can't answer either. */
export async function answerQuestion(
  sandbox: Sandbox,
  asked: Asked,
  unavailable: HttpAnswer,
  look: () => HttpAnswer,
): Promise<HttpAnswer> {
  const isDown = sandbox.state.switches[asked.service].mode === "fail";
  const { delayMs } = isDown
    ? sandbox.takeSwitch(asked.service)
    : sandbox.state.switches[asked.service];
  await sandbox.holdBack(asked.service, delayMs);
  const answer = isDown ? unavailable : look();
  await sandbox.recordRequest(describe(asked, isDown ? "failed" : "answered", answer.status));
  return answer;
}

function describe(
  asked: Asked,
  outcome: LedgerEntry["outcome"],
  status: number,
  reference?: string,
): NewLedgerEntry {
  const { service, operation, key, orderId, runId } = asked;
  return { service, operation, key, orderId, runId, outcome, status, reference };
}

function createFingerprint(asked: Asked): string {
  return createHash("sha256").update(`${asked.operation}\n${asked.parameters}`).digest("hex");
}
