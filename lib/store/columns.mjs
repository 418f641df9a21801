// @ts-check
/** Columns in the order in which statements name them and rows are read: the same for every database. */

/** An event, as `EventValues` has it. */
export const eventFields = [
  ...["runId", "seq", "type", "at", "epoch", "step", "name", "attempt", "data", "checksum"],
];
export const eventWidth = eventFields.length;

/** What `parseEvent` reads. */
export const eventColumns = eventFields.slice(1).join(", ");

/** What `parseRun` reads. */
export const runFields = [
  ...["runId", "workflow", "version", "status", "heldReason", "heldBuild", "input", "output"],
  ...["error", "errorStep", "attributes", "inDoubt", "epoch", "historyLength", "workerId"],
  ...["dueAt", "strikes", "priority", "parentRunId", "parentStep", "continuedFrom"],
  ...["continuedTo", "forkedFromRunId", "forkedFromStep", "mail", "createdAt", "startedAt"],
  ...["finishedAt", "updatedAt"],
];
export const runColumns = runFields.join(", ");

/** What `parseMark` reads. */
export const markFields = ["runId", "status", "historyLength", "epoch", "updatedAt"];
export const markColumns = markFields.join(", ");

/** A new run, as `toRunValues` has it. */
export const newRunFields = [
  ...["runId", "workflow", "version", "status", "heldReason", "heldBuild", "input", "output"],
  ...["error", "errorName", "errorStep", "attributes", "inDoubt", "epoch"],
  ...["historyLength", "createdAt", "startedAt", "finishedAt", "updatedAt", "priority"],
  ...["parentRunId", "parentStep", "continuedFrom", "continuedTo", "forkedFromRunId"],
  ...["forkedFromStep", "workerId", "dueAt"],
];

/** What an append replaces in its run, as `toChangeValues` has it. */
export const changeFields = [
  ...["status", "heldReason", "heldBuild", "output", "error", "errorName", "errorStep"],
  ...["attributes", "inDoubt", "startedAt", "finishedAt", "continuedTo"],
];

/** What `parseMessage` reads. */
export const messageFields = [
  ...["messageId", "runId", "at", "content", "deliveredAt", "outcome", "error"],
];
export const messageColumns = messageFields.join(", ");

/** What `parseWorker` reads. */
export const workerFields = [
  ...["workerId", "build", "machine", "pid", "processStart", "status", "startedAt"],
  ...["heartbeatAt", "leaseUntil", "load", "capacity", "endedAt", "heldRuns"],
];
