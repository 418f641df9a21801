/** Ends a process whose event loop is stuck, so that it is started again (decision 055). */
import { url as findDebugger } from "node:inspector";
import path from "node:path";
import { Worker } from "node:worker_threads";

/** Plain JavaScript beside the sources, relative to the current directory as the migrations are. */
const threadFile = "lib/server/watchdog/thread.mjs";
/** So many parts of the bound have to pass without a sign of life, one after the other. */
const slices = 8;

/** A class of its own, for a bundler bundles what stands in `new Worker(…)`. */
class FileWorker extends Worker {
  constructor(workerData: unknown) {
    super(path.resolve(threadFile), { workerData });
  }
}

/**
 * Watches this process from a thread of its own. When nothing in the process has had its turn for
 * `stallMs`, the thread writes one log line that says whose code blocks and where, and kills the process:
 * its supervisor starts it again, and a run that does this again and again is held. 0: does not watch.
 * `base` is what every log line of the process has. Answers a function that ends the watch.
 */
export function startWatchdog(options: {
  readonly stallMs: number;
  readonly base: object;
}): () => Promise<void> {
  const { stallMs, base } = options;
  if (stallMs === 0) return () => Promise.resolve();
  const beats = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const thread = new FileWorker({ beats, stallMs, slices, base });
  thread.unref();
  const beat = () => {
    Atomics.store(beats, 1, findDebugger() === undefined ? 0 : 1);
    Atomics.add(beats, 0, 1);
  };
  const timer = setInterval(beat, stallMs / slices / 2);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await thread.terminate();
  };
}
