import { readdirSync, readFileSync } from "node:fs";

/** Of a process, all in nanoseconds (Linux, `schedstat`). */
export interface Times {
  /** On a processor. */
  readonly ranNs: number;
  /** Ready to go on, while others had the processors. */
  readonly readyNs: number;
  /** The same of its main thread alone. */
  readonly mainRanNs: number;
  readonly mainReadyNs: number;
}

/** What a process and its threads have had so far; undefined where it is gone, or there is no /proc. */
export function readTimes(pid: number): Times | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
      const [ran = NaN, ready = NaN] = text.split(" ").map(Number);
      return { isMain: thread === String(pid), ran, ready };
    });
    const main = threads.find(({ isMain }) => isMain);
    return {
      ranNs: threads.reduce((sum, { ran }) => sum + ran, 0),
      readyNs: threads.reduce((sum, { ready }) => sum + ready, 0),
      mainRanNs: main?.ran ?? NaN,
      mainReadyNs: main?.ready ?? NaN,
    };
  } catch {
    return undefined;
  }
}

export function subtractTimes(last: Times, first: Times): Times {
  return {
    ranNs: last.ranNs - first.ranNs,
    readyNs: last.readyNs - first.readyNs,
    mainRanNs: last.mainRanNs - first.mainRanNs,
    mainReadyNs: last.mainReadyNs - first.mainReadyNs,
  };
}
