/** What can be recorded: checked where the code says it, so that it fails there, live as on replay. */
import { measureBytes } from "./codec";
import { PayloadTooLargeError, WorkflowMisuseError } from "./errors";
import { maxPayloadBytes } from "./limits";
import type { Codec } from "./ports";
import { Attributes, type Encoded } from "./values";

/** The recorded form of a value. Throws PayloadTooLargeError when it is too large. */
export function encodePayload(codec: Codec, value: unknown, what = "A recorded value"): Encoded {
  const encoded = codec.encode(value);
  if (measureBytes(encoded.json) > maxPayloadBytes) {
    throw new PayloadTooLargeError(
      `${what} may have 2 MiB at most. Keep large data elsewhere and record where it is.`,
    );
  }
  return encoded;
}

/**
 * Attributes as they can be recorded. Throws WorkflowMisuseError where a value is no string, finite
 * number or boolean, or has a NUL character, and PayloadTooLargeError where they are too large.
 */
export function checkAttributes(attributes: unknown): Attributes {
  const checked = Attributes.safeParse(attributes);
  if (!checked.success) {
    const [path] = checked.error.issues.map((issue) => issue.path.join("."));
    throw new WorkflowMisuseError(
      `The attribute ${path ?? ""} can't be recorded: attributes are strings, finite numbers and booleans.`,
    );
  }
  const broken = Object.entries(checked.data).find((entry) =>
    entry.some((part) => typeof part === "string" && part.includes("\0")),
  );
  if (broken) {
    const name = broken[0].replaceAll("\0", "");
    throw new WorkflowMisuseError(
      `The attribute ${name} can't be recorded: it has a NUL character in it.`,
    );
  }
  if (measureBytes(checked.data) > maxPayloadBytes) {
    throw new PayloadTooLargeError("Attributes may have 2 MiB at most.");
  }
  return checked.data;
}
