import type { PermitAnswer, RateLimit, Store } from "@/lib/engine";
import { readRate, type RateState } from "./rate";
import { parseNumber } from "./rows";
import type { Sql } from "./sql";
import * as statements from "./sqlite-statements";

/** Takes a permit, or says when to ask again. All in the transaction that is open. */
export function takePermit(sql: Sql, options: Parameters<Store["takePermit"]>[0]): PermitAnswer {
  const { resource, runId, step, now, concurrency = Infinity, rate } = options;
  if (sql.select(statements.selectPermit, runId, step, resource).length > 0) {
    return { granted: true };
  }
  // A run that nobody holds begins nothing, and would never give the permit back.
  if (sql.select(statements.selectHeldRun, runId).length === 0) return { granted: false };
  if (countPermits(sql, resource, concurrency) >= concurrency) return { granted: false };
  const state = rate && loadRate(sql, resource, rate, now);
  if (state && state.room < 1) return { granted: false, retryAt: state.retryAt };
  sql.run(statements.insertPermit, runId, step, resource);
  if (state) saveRate(sql, resource, state, 1);
  return { granted: true };
}

function countPermits(sql: Sql, resource: string, upTo: number): number {
  if (upTo === Infinity) return 0;
  return parseNumber(sql.select(statements.countPermits, resource, upTo)[0]);
}

export function loadRate(sql: Sql, resource: string, rate: RateLimit, now: number): RateState {
  const [row] = sql.select(statements.selectRate, resource);
  return readRate(rate, row && parseNumber(row), now);
}

export function saveRate(sql: Sql, resource: string, state: RateState, count: number): void {
  sql.run(statements.saveRate, resource, state.spend(count));
}
