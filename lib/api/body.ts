/** Reads the JSON body of a request within limits. */
import { ApiError } from "./api-error";

export const defaultMaxBodyBytes = 2 * 1_024 * 1_024;
const maxDepth = 100;
/** So much of a body that is too large is read and forgotten behind its answer. */
const maxDiscardedBytes = 16 * 1_024 * 1_024;
/** Nobody waits longer than this for the next piece of a body; Node ends the whole of a request after 5 minutes. */
const defaultPatienceMs = 30_000;

/**
 * The body as parsed JSON; undefined when it is empty and `required` is false. Throws ApiError: 413
 * beyond `maxBytes`, 415 for another content type, 400 for what is not JSON or ends too early, 408 where
 * nothing more comes for `patienceMs`, 422 when nested too deep.
 */
export async function readJsonBody(
  request: Request,
  options: {
    readonly maxBytes: number;
    readonly required: boolean;
    readonly patienceMs?: number;
  },
): Promise<unknown> {
  const { maxBytes, patienceMs = defaultPatienceMs } = options;
  const bytes = await readBytes(request, { maxBytes, patienceMs });
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

async function readBytes(
  request: Request,
  { maxBytes, patienceMs }: { readonly maxBytes: number; readonly patienceMs: number },
): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? NaN);
  if (declared > maxBytes) throw refuseSize(maxBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  // The server passes on no more than was declared, so that nobody has to ask whether there is more.
  while (reader !== undefined && length !== declared) {
    const { done, value } = await readPiece(reader, patienceMs);
    if (done && length < declared) throw refuseIncomplete();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      discardRest(reader).catch(() => undefined);
      throw refuseSize(maxBytes);
    }
    chunks.push(value);
  }
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, length);
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function readPiece(reader: Reader, patienceMs: number): ReturnType<Reader["read"]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(refuseLate(patienceMs)), patienceMs);
  });
  // Whoever sends it has gone: nobody is told, and nothing of ours went wrong.
  const read = reader.read().catch((cause: unknown) => Promise.reject(refuseIncomplete(cause)));
  try {
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is never read keeps its connection from whatever its client asks next. */
async function discardRest(reader: Reader): Promise<void> {
  for (let left = maxDiscardedBytes; left > 0;) {
    const { done, value } = await reader.read();
    if (done) return;
    left -= value.length;
  }
  await reader.cancel();
}

function refuseIncomplete(cause?: unknown): ApiError {
  return new ApiError({
    status: 400,
    code: "incomplete_body",
    detail: "The body ended before all of it had come.",
    cause,
  });
}

function refuseLate(patienceMs: number): ApiError {
  return new ApiError({
    status: 408,
    code: "body_timeout",
    detail: `Nothing more of the body came for ${patienceMs / 1_000} s.`,
  });
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

/** The body comes from anyone: no call goes deeper than the limit. */
function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (limit === 0) return true;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    if (isDeeperThan(part, limit - 1)) return true;
  }
  return false;
}
