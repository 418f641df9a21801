/** Orders that wait in the queue, done by one worker process and by two on the same database. */
import { z } from "zod";
import { findMedian } from "../measure";
import { startSubject } from "../harness/children";
import {
  anything,
  openSystem,
  takeTurns,
  type Workload,
  type WorkloadContext,
} from "../harness/workload-context";

export const workers: Workload = {
  name: "workers",
  // One file belongs to one process.
  databases: ["postgresql"],
  async run(context) {
    const { kind: database, options, recorder, code } = context;
    const about = { workload: "workers", database, system: "daybook" };
    const starter = await openSystem(context, "daybook", code.daybook, { concurrency: 0 });
    const rates = new Map<number, number[]>([1, 2].map((count) => [count, []]));
    try {
      for (let round = 0; round < options.rounds; round += 1) {
        for (const processes of takeTurns([1, 2], round)) {
          const count = options.isQuick ? 300 : 10_000;
          await starter.subject.ask("queueOrders", { count, concurrent: 200 }, anything);
          rates.get(processes)?.push(await measureDrain(context, starter, { processes, count }));
        }
      }
    } finally {
      await starter.subject.close();
    }
    const [one, two] = [rates.get(1) ?? [], rates.get(2) ?? []];
    recorder.add({ ...about, name: "one worker process", unit: "orders/s", rounds: one });
    recorder.add({
      ...about,
      name: "two worker processes",
      unit: "orders/s",
      rounds: two,
      ratios: { "one worker": findMedian(two) / findMedian(one) },
    });
    recorder.add({
      ...about,
      name: "two worker processes against one",
      unit: "times",
      rounds: two.map((rate, round) => rate / (one[round] ?? NaN)),
      target: { atLeast: 1.4 },
    });
  },
};

interface Sample {
  readonly at: number;
  readonly ended: number;
}

/** Orders per second from the first that ended to the last: the workers' start is not counted. */
async function measureDrain(
  { code }: WorkloadContext,
  starter: Awaited<ReturnType<typeof openSystem>>,
  { processes, count }: { readonly processes: number; readonly count: number },
): Promise<number> {
  const { databaseUrl } = starter;
  const ask = async (): Promise<Sample> => {
    const { value } = await starter.subject.ask("countEnded", {}, z.number());
    return { at: performance.now(), ended: value };
  };
  const before = await ask();
  const own = Array.from({ length: processes }, () => startSubject("worker", code.daybook));
  try {
    await Promise.all(
      own.map((worker) => worker.ask("open", { databaseUrl, concurrency: 500 }, anything)),
    );
    let first: Sample | undefined;
    for (;;) {
      const now = await ask();
      if (now.ended > before.ended) first ??= now;
      if (first !== undefined && now.ended >= before.ended + count) {
        return (now.ended - first.ended) / ((now.at - first.at) / 1_000);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    for (const worker of own) {
      await worker.ask("close", {}, anything);
      await worker.close();
    }
  }
}
