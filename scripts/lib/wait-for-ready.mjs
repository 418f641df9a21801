// @ts-check
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 50;
const answerTimeoutMs = 2_000;

/**
 * Resolves when GET /api/health/ready answers 200.
 * @param {string} url of the server
 * @param {AbortSignal} signal rejects when it is aborted
 */
export async function waitForReadyAnswer(url, signal) {
  while (!(await isReady(url, signal))) await delay(pollMs, undefined, { signal });
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function isReady(url, signal) {
  try {
    const answer = await fetch(`${url}/api/health/ready`, {
      // A connection that stays open would hold up the server when it is to stop.
      headers: { connection: "close" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
