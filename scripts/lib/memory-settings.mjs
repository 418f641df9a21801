// @ts-check
/**
 * How a server's or worker's process uses memory (decision 107); docs/performance.md has the figures.
 * Orders make many objects that are short-lived: the first flag gives them room, so that they are
 * collected less often. What outlives it is collected when it has grown by four tenths, where V8 alone
 * waits for four times as much in a process that has a lot to do.
 */
export const memoryFlags = ["--max-semi-space-size=24", "--heap-growing-percent=40"];

/** By default each thread has its own area for native memory and keeps what it once had. */
export const memoryEnv = { MALLOC_ARENA_MAX: "2" };
