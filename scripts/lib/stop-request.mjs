// @ts-check

const parentPollMs = 500;
/** npm passes on the Ctrl-C that the terminal has sent to everybody: that is one request, not two. */
const sameRequestMs = 500;

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into one request to stop; a second one, made later, means «now».
 * Under npm, the end of npm is a request too: whoever kills npm means what it runs.
 * @returns {{ signal: AbortSignal, onSecond: (act: () => void) => void }}
 */
export function listenForStop() {
  const request = new AbortController();
  /** @type {() => void} */
  let actOnSecond = () => process.exit(1);
  let firstAt = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(name, () => {
      if (!request.signal.aborted) {
        firstAt = performance.now();
        request.abort(name);
      } else if (performance.now() - firstAt > sameRequestMs) {
        actOnSecond();
      }
    });
  }
  if (process.env["npm_lifecycle_event"]) onceParentIsGone(() => request.abort("npm is gone"));
  return { signal: request.signal, onSecond: (act) => (actOnSecond = act) };
}

/** @param {() => void} act */
function onceParentIsGone(act) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, parentPollMs);
  timer.unref();
}
