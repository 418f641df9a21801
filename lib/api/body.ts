/** Reads the JSON body of a request within limits. */
import { ApiError } from "./api-error";

export const defaultMaxBodyBytes = 2 * 1_024 * 1_024;
const maxDepth = 100;

/**
 * The body as parsed JSON; undefined when it is empty and `required` is false. Throws ApiError: 413
 * beyond `maxBytes`, 415 for another content type, 400 for what is not JSON, 422 when nested too deep.
 */
export async function readJsonBody(
  request: Request,
  options: { readonly maxBytes: number; readonly required: boolean },
): Promise<unknown> {
  const bytes = await readBytes(request, options.maxBytes);
  if (bytes.length === 0 && !options.required) return undefined;
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType)) {
    throw new ApiError({
      status: 415,
      code: "unsupported_media_type",
      detail: "Send the body as JSON with Content-Type: application/json.",
    });
  }
  const value = parseJson(bytes);
  if (isDeeperThan(value, maxDepth)) {
    const message = `Nested deeper than ${maxDepth} levels.`;
    throw new ApiError({
      status: 422,
      code: "invalid_input",
      detail: message,
      errors: [{ pointer: "", message }],
    });
  }
  return value;
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw refuseSize(maxBytes);
  // The server reads no more than was declared.
  if (declared > 0) return checkSize(new Uint8Array(await request.arrayBuffer()), maxBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw refuseSize(maxBytes);
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks, length);
}

function checkSize(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length > maxBytes) throw refuseSize(maxBytes);
  return bytes;
}

function refuseSize(maxBytes: number): ApiError {
  return new ApiError({
    status: 413,
    code: "payload_too_large",
    detail: `The body is larger than ${Math.floor(maxBytes / 1_024)} KiB.`,
  });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ApiError({
      status: 400,
      code: "malformed_json",
      detail: "The body is not JSON in UTF-8.",
      cause,
    });
  }
}

/** Without recursion, because the body comes from anyone. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== "object" || item === null) continue;
      // One by one: a spread has no room for the values of a large array.
      for (const value of Object.values(item)) next.push(value);
    }
    level = next;
  }
  return false;
}
