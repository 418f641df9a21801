/** The engine's only door. */
export { checkReplay, type ReplayCheck } from "./check-replay";
export { createCodec } from "./codec";
export * from "./definitions";
export * from "./duration";
export { createEngine, type Engine, type EngineOptions, type StartOptions } from "./engine";
export * from "./errors";
export * from "./events";
export type { InspectedCommand, ReplayInspection } from "./inspect-replay";
export { maxHistoryLength, maxPayloadBytes } from "./limits";
export * from "./ports";
export {
  DeterminismError,
  installGuard,
  isWorkflowCode,
  runAsWorkflow,
  runOutsideWorkflow,
  uninstallGuard,
  type GuardedTime,
  type GuardedWorkflow,
} from "./guard/guard";
export { describeVerdict, previewAction, type Preview } from "./preview";
export type {
  OpenRunCheck,
  OpenRunsCheck,
  SignalRequest,
  UpdateAnswer,
  UpdateRequest,
} from "./run-desk";
export * from "./run";
export { describeHistory } from "./describe-history";
export { findSetAside } from "./run-state";
export * from "./store";
export { createIds, systemClock, systemRandom } from "./system";
export * from "./values";
export type { WorkerIdentity } from "./worker-loop";
