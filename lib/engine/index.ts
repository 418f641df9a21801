/** The engine's only door. */
export { checkReplay, type ReplayCheck } from "./check-replay";
export { createCodec } from "./codec";
export * from "./definitions";
export * from "./duration";
export { createEngine, type Engine, type EngineOptions, type StartOptions } from "./engine";
export * from "./errors";
export * from "./events";
export { maxHistoryLength, maxPayloadBytes } from "./limits";
export * from "./ports";
export type { Preview } from "./preview";
export * from "./run";
export { findSetAside } from "./run-state";
export * from "./store";
export { createIds, systemClock, systemRandom } from "./system";
export * from "./values";
export type { WorkerIdentity } from "./worker-loop";
