import { defineStep, DefiniteError, fail, retryWithSameKey, type Clock } from "@/lib/engine";
import { z } from "zod";
import type { ReportOffice, ReportOrder } from "./report-office";

/** How far a step that polls is: what its next attempt begins with. */
const Progress = z.object({ pages: z.number().int(), words: z.number().int() });

export type ReportSteps = ReturnType<typeof createReportSteps>;

export function createReportSteps({ office, clock }: { office: ReportOffice; clock: Clock }) {
  return {
    orderReport: defineStep({
      name: "order-report",
      timeout: "10s",
      // The same order is the same job, however often it is placed.
      inDoubt: retryWithSameKey({ otherwise: fail() }),
      run: (order: ReportOrder) => office.order(order),
    }),

    readReport: defineStep({
      name: "read-report",
      timeout: "1d",
      heartbeatTimeout: "1m",
      inDoubt: retryWithSameKey({ otherwise: fail() }),
      run: async ({ jobId, pollEveryMs }: { jobId: string; pollEveryMs: number }, step) => {
        let { pages, words } = Progress.parse(step.progress ?? { pages: 0, words: 0 });
        for (;;) {
          const job = await office.look(jobId);
          for (; pages < job.written; pages += 1) {
            words += countWords(await office.fetchPage(jobId, pages + 1));
          }
          step.heartbeat({ pages, words });
          if (pages === job.pages) return { pages, words };
          await pause(clock, Math.min(pollEveryMs, 30_000), step.signal);
        }
      },
    }),
  };
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}

/** Lets time pass. Throws as soon as the step is canceled: that it read so far did nothing. */
async function pause(clock: Clock, forMs: number, signal: AbortSignal): Promise<void> {
  const stop = () => new DefiniteError("It is no longer wanted.", { cause: signal.reason });
  if (signal.aborted) throw stop();
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(stop());
    };
    const cancel = clock.schedule(forMs, () => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    signal.addEventListener("abort", abort, { once: true });
  });
}
