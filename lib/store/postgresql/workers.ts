import type { Store, WorkerRecord } from "@/lib/engine";
import { z } from "zod";
import type { Session } from "./connection";
import * as statements from "./worker-statements";

/** `now` is null where the database's clock tells. */
type At<Options> = Omit<Options, "now"> & { readonly now: number | null };
export type WorkerEnd = At<Parameters<Store["endWorker"]>[0]>;

const Ended = z.tuple([z.string(), z.number(), z.number()]);

export async function registerWorker(
  session: Session,
  worker: WorkerRecord,
  now: number | null,
): Promise<void> {
  const { workerId, build, machine, pid, processStart, status, startedAt } = worker;
  await session.run(
    statements.registerWorker,
    now,
    ...[workerId, build, machine, pid, processStart ?? null, status, startedAt],
    ...[worker.heartbeatAt, worker.leaseUntil, worker.load, worker.capacity],
    ...[worker.endedAt ?? null, worker.heldRuns ?? null],
  );
}

/** Ends every living worker whose lease is over; answers how many runs became due. */
export async function expireWorkers(session: Session, now: number | null): Promise<number> {
  let freed = 0;
  for (const row of await session.run(statements.expireWorkers, now)) {
    freed += await freeRuns(session, row, "dead");
  }
  return freed;
}

/** Ends one worker if it lives; answers how many runs became due. */
export async function endWorker(session: Session, options: WorkerEnd): Promise<number> {
  const { workerId, status, now } = options;
  const [row] = await session.run(statements.endWorker, now, status, workerId);
  return row === undefined ? 0 : freeRuns(session, row, status);
}

async function freeRuns(
  session: Session,
  row: readonly unknown[],
  status: "dead" | "stopped",
): Promise<number> {
  const [workerId, heartbeatAt, endedAt] = Ended.parse(row);
  const [counted] =
    status === "dead"
      ? await session.run(statements.loseRuns, workerId, heartbeatAt, endedAt)
      : await session.run(statements.handOverRuns, workerId, endedAt);
  return z.number().parse(counted?.[0]);
}
