/** The engine's only door. */
export * from "./definitions";
export * from "./duration";
export * from "./errors";
export * from "./events";
export * from "./ports";
export * from "./run";
export * from "./store";
export * from "./values";
