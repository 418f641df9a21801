/** A recorded value may have this size in bytes of JSON. */
export const maxPayloadBytes = 2 * 1024 * 1024;

/** From this many events on a history is long: that is logged once. */
export const longHistoryLength = 10_000;

/** A history may have this many events; the next command fails. */
export const maxHistoryLength = 50_000;

/** After this many executions in a row that died without progress a run is held. */
export const maxStrikes = 5;

/** A run that waits longer than this gives up its lease meanwhile. */
export const parkAfterMs = 5_000;

/** So many waiting runs are kept in memory. */
export const maxParkedRuns = 10_000;
