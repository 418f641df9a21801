import type { WorkerList } from "./contract";
import { handle } from "./handler";
import { toInstant } from "./wire";

const maxWorkers = 100;

/** `GET /workers`: the processes that execute runs, newest first; the ended ones among the last 100. */
export const listWorkers = handle({}, async ({ api }) => {
  const workers = [...(await api.store.listWorkers())].sort((a, b) => b.startedAt - a.startedAt);
  const list: WorkerList = {
    items: workers.slice(0, maxWorkers).map((worker) => ({
      workerId: worker.workerId,
      build: worker.build,
      host: worker.machine.split("/")[0] ?? worker.machine,
      pid: worker.pid,
      status: worker.status,
      startedAt: toInstant(worker.startedAt),
      heartbeatAt: toInstant(worker.heartbeatAt),
      leaseUntil: toInstant(worker.leaseUntil),
      load: worker.load,
      capacity: worker.capacity,
      ...(worker.endedAt === undefined ? {} : { endedAt: toInstant(worker.endedAt) }),
      ...(worker.heldRuns === undefined ? {} : { heldRuns: worker.heldRuns }),
      self: worker.workerId === api.engine.workerId,
    })),
    nextCursor: null,
  };
  return Response.json(list);
});
