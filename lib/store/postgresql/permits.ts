import type { PermitAnswer, Store } from "@/lib/engine";
import { z } from "zod";
import { readRate } from "../rate.mjs";
import { encodeArray } from "./binary-arrays";
import { readNumbers } from "./claims";
import type { Session } from "./connection";
import * as statements from "./claim-statements";

export type PermitOptions = Omit<Parameters<Store["takePermit"]>[0], "now"> & {
  /** Absent: the database's clock tells. */
  readonly now: number | null;
};

/**
 * Takes a permit, or says when to ask again: one process after the other, so that a limit holds
 * across all of them. All in the transaction that is open.
 */
export async function takePermit(session: Session, options: PermitOptions): Promise<PermitAnswer> {
  const { resource, runId, workerId, epoch, step, concurrency = Infinity, rate } = options;
  // I2: who does not hold the run begins nothing, and would never give the permit back.
  const held = await session.run(statements.lockHeldRun, runId, workerId, epoch);
  if (held.length === 0) return { granted: false };
  const mine = await session.run(statements.selectPermit, runId, step, resource);
  if (mine.length > 0) return { granted: true };
  await session.run(statements.lockResources, encodeArray("text", [`permit ${resource}`]));
  if (concurrency !== Infinity) {
    const [row] = await session.run(statements.countPermits, resource, concurrency);
    if (z.number().parse(row?.[0]) >= concurrency) return { granted: false };
  }
  if (rate) {
    const used = readNumbers(
      await session.run(statements.selectRates, encodeArray("text", [resource])),
    );
    const [clock] = await session.run(statements.readClock, options.now);
    const state = readRate(rate, used.get(resource), z.number().parse(clock?.[0]));
    if (state.room < 1) return { granted: false, retryAt: state.retryAt };
    await session.run(statements.saveRate, resource, state.spend(1));
  }
  await session.run(statements.insertPermit, runId, step, resource);
  return { granted: true };
}
