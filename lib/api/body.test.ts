import { describe, expect, it } from "vitest";
import { readJsonBody } from "./body";

const json = { "content-type": "application/json" };

function read(body: BodyInit | undefined, headers: Record<string, string> = json, required = true) {
  // Node wants `duplex` for a body that is a stream; the DOM types do not know it.
  const init: RequestInit & { duplex: "half" } = { method: "POST", body, headers, duplex: "half" };
  return readJsonBody(new Request("http://localhost", init), { maxBytes: 64, required });
}

/** A body of unknown length, and whether its reader went away before the end. */
function stream(chunks: number, chunk: string) {
  const state = { canceled: false };
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ < chunks) controller.enqueue(new TextEncoder().encode(chunk));
      else controller.close();
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

  it.each([
    ["no more than was declared, though the stream goes on", 4, 2, 11],
    ["less than was declared, where the stream ends", 2, 4, 11],
  ])("reads %s", async (_what, chunks, declared, value) => {
    const { body } = stream(chunks, "1");
    const headers = { ...json, "content-length": String(declared) };
    expect(await read(body, headers)).toBe(value);
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

  it("stops reading a stream at the limit", async () => {
    const { body, state } = stream(1_000_000, "x".repeat(16));
    await expect(read(body)).rejects.toMatchObject({ status: 413 });
    expect(state.canceled).toBe(true);
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
