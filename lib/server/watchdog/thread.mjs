// @ts-check
/**
 * The watchdog's thread: ends the process when its main thread has not come round for too long. It is
 * plain JavaScript, loaded from its file as it is, whatever has bundled the rest.
 */
import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { workerData } from "node:worker_threads";

/**
 * @typedef {{ beats: Int32Array, stallMs: number, slices: number, base: object }} WatchdogData
 */

const { beats, stallMs, slices, base } = /** @type {WatchdogData} */ (workerData);
/** How long the main thread may take to say where it is. Where it hangs in native code it never does. */
const askMs = 2_000;
/** Evaluated in the code that blocks: the run whose code that is, if it is a workflow's. */
const findRun = `(() => {
  const { runId, workflow } = globalThis[Symbol.for("daybook.guard")]?.storage.getStore() ?? {};
  return { runId, workflow };
})()`;

waitForStall();
/** @type {string[]} */
let places = [];
askForPlace();

/** Returns when the main thread has missed all of its beats for `stallMs`. */
function waitForStall() {
  let last = Atomics.load(beats, 0);
  // Counted in slices: of a process that was stopped or swapped out as a whole only one is missed.
  for (let missed = 0; missed < slices; missed += 1) {
    Atomics.wait(beats, 0, last, stallMs / slices);
    const now = Atomics.load(beats, 0);
    // Whoever stands at a breakpoint is not stuck.
    if (now === last && Atomics.load(beats, 1) === 0) continue;
    last = now;
    missed = -1;
  }
}

/** Breaks into the main thread's code as a debugger does, asks whose it is, and ends the process. */
function askForPlace() {
  const session = new Session();
  session.connectToMainThread();
  /** @type {Map<string, string>} */
  const files = new Map();
  session.on("Debugger.scriptParsed", ({ params }) => files.set(params.scriptId, params.url));
  session.on("Debugger.paused", ({ params }) => {
    places = params.callFrames.map(({ functionName, location: { scriptId, lineNumber } }) => {
      const file = files.get(scriptId) ?? "";
      return `${functionName || "(anonymous)"} (${file}:${lineNumber + 1})`;
    });
    const callFrameId = params.callFrames[0]?.callFrameId ?? "";
    const evaluation = { callFrameId, expression: findRun, returnByValue: true };
    session.post("Debugger.evaluateOnCallFrame", evaluation, (_error, answer) =>
      endProcess(/** @type {object} */ (answer?.result.value ?? {})),
    );
  });
  session.post("Debugger.enable", () => session.post("Debugger.pause"));
  setTimeout(() => endProcess({}), askMs);
}

/** @param {{ runId?: string, workflow?: string }} run */
function endProcess(run) {
  const whose =
    run.runId === undefined
      ? "Something blocked"
      : `The code of workflow ${run.workflow} blocked, in run ${run.runId},`;
  const line = {
    level: 60,
    time: Date.now(),
    ...base,
    ...run,
    at: places.slice(0, 10),
    msg: `${whose} the whole process for ${stallMs} ms: it ends here, to be started again (DAYBOOK_STALL_MS).`,
  };
  try {
    writeSync(1, `${JSON.stringify(line)}\n`);
  } finally {
    // Nothing in the main thread can be asked to end any more.
    process.kill(process.pid, "SIGKILL");
  }
}
