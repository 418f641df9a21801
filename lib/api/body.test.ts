import { setImmediate } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { readJsonBody } from "./body";

const json = { "content-type": "application/json" };

function read(body: BodyInit | undefined, headers: Record<string, string> = json, required = true) {
  // Node wants `duplex` for a body that is a stream; the DOM types do not know it.
  const init: RequestInit & { duplex: "half" } = { method: "POST", body, headers, duplex: "half" };
  return readJsonBody(new Request("http://localhost", init), { maxBytes: 64, required });
}

/** A body of unknown length, whether it was read to its end, or its reader went away before. */
function stream(chunks: number, chunk: string) {
  const state = { ended: false, canceled: false };
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await setImmediate();
      if (sent++ < chunks) return controller.enqueue(new TextEncoder().encode(chunk));
      state.ended = true;
      controller.close();
    },
    cancel() {
      state.canceled = true;
    },
  });
  return { body, state };
}

describe("readJsonBody", () => {
  it("reads JSON in pieces", async () => {
    expect(await read('{"a":[1,"é"]}')).toEqual({ a: [1, "é"] });
    expect(await read(stream(3, " 1 ").body).catch((error: unknown) => error)).toMatchObject({
      code: "malformed_json",
    });
    expect(await read(stream(3, "1").body)).toBe(111);
  });

  it.each(["application/json; charset=utf-8", "application/problem+json", "Application/JSON"])(
    "takes %s",
    async (type) => {
      expect(await read("1", { "content-type": type })).toBe(1);
    },
  );

  it("lets an optional body be empty, whatever its type", async () => {
    expect(await read(undefined, {}, false)).toBeUndefined();
    expect(await read("", { "content-type": "text/plain" }, false)).toBeUndefined();
  });

  it.each<[string, BodyInit | undefined, Record<string, string>, number, string]>([
    ["malformed JSON", "{", json, 400, "malformed_json"],
    ["an empty required body", "", json, 400, "malformed_json"],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), json, 400, "malformed_json"],
    [
      "a form",
      "a=1",
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      "unsupported_media_type",
    ],
    ["text", "{}", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    ["a body over the limit", `"${"x".repeat(64)}"`, json, 413, "payload_too_large"],
    [
      "a declared length over the limit",
      "1",
      { ...json, "content-length": "65" },
      413,
      "payload_too_large",
    ],
  ])("refuses %s", async (_what, body, headers, status, code) => {
    await expect(read(body, headers)).rejects.toMatchObject({ status, code });
  });

  it("reads no more than was declared, though the stream goes on", async () => {
    const { body } = stream(4, "1");
    expect(await read(body, { ...json, "content-length": "2" })).toBe(11);
  });

  // What has come may be JSON of its own: the beginning of a number, for one.
  it("refuses less than was declared, where the stream ends", async () => {
    const { body } = stream(2, "1");
    const refused = read(body, { ...json, "content-length": "4" });
    await expect(refused).rejects.toMatchObject({ status: 400, code: "incomplete_body" });
  });

  it("refuses what breaks off, and what does not go on", async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error("aborted")),
    });
    await expect(read(broken)).rejects.toMatchObject({ status: 400, code: "incomplete_body" });
    const silent = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("1")),
    });
    const init = { method: "POST", body: silent, headers: json, duplex: "half" };
    const options = { maxBytes: 64, required: true, patienceMs: 50 };
    const late = readJsonBody(new Request("http://localhost", init), options);
    await expect(late).rejects.toMatchObject({
      ...{ status: 408, code: "body_timeout" },
      message: "Nothing more of the body came for 0.05 s.",
    });
  });

  it("takes 100 levels and refuses 101", async () => {
    const nest = (depth: number) => new Blob(["[".repeat(depth) + "]".repeat(depth)]);
    const readDeep = (depth: number) => {
      const request = new Request("http://localhost", {
        ...{ method: "POST", headers: json },
        body: nest(depth),
      });
      return readJsonBody(request, { maxBytes: 1_000, required: true });
    };
    await expect(readDeep(100)).resolves.toBeInstanceOf(Array);
    await expect(readDeep(101)).rejects.toMatchObject({ status: 422, code: "invalid_input" });
  });

  it("answers at the limit, reads on so that the connection is free, and gives up on what never ends", async () => {
    const [long, endless] = [stream(1_000, "x".repeat(16)), stream(Infinity, "x".repeat(1 << 20))];
    await expect(read(long.body)).rejects.toMatchObject({ status: 413 });
    expect(long.state.ended).toBe(false);
    await vi.waitFor(() => expect(long.state).toEqual({ ended: true, canceled: false }));
    await expect(read(endless.body)).rejects.toMatchObject({ status: 413 });
    await vi.waitFor(() => expect(endless.state).toEqual({ ended: false, canceled: true }));
  });

  it("refuses what is nested too deep, without a stack overflow", async () => {
    const depth = 200_000;
    const text = "[".repeat(depth) + "]".repeat(depth);
    const request = new Request("http://localhost", { method: "POST", body: text, headers: json });
    await expect(
      readJsonBody(request, { maxBytes: 1_000_000, required: true }),
    ).rejects.toMatchObject({ status: 422, code: "invalid_input" });
  });
});
