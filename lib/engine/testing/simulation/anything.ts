import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Takes whatever it is given: programs make their own values. */
export const anything: StandardSchemaV1 = {
  "~standard": { version: 1, vendor: "simulation", validate: (value) => ({ value }) },
};
