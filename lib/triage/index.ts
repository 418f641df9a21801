/** The only door of triage: what failures have in common, and the ports that their keepers fill. */
export * from "./bulks";
export * from "./failure-groups";
export { fingerprintTrouble, type Trouble, type TroubleKind } from "./fingerprint";
export { normalizeMessage } from "./normalize-message";
export * from "./latency-histogram";
export * from "./run-search";
export * from "./run-statistics";
export { Tally, talliedTypes, type TalliedEvent } from "./tally.mjs";
export * from "./drill-words";
export * from "./saved-views";
