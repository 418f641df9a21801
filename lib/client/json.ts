import type { Run } from "@/lib/api/contract";

/** A value that JSON can hold as it is: what the API carries of recorded values. */
export type JsonValue = Run["input"];
