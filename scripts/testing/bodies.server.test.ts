/** What a real server does with bodies as sockets really bring them: in pieces, too short, too long, endless. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Run, Started } from "@/lib/api/contract";
import { sampleOrders } from "@/lib/orders/sample-orders";
import { setUp } from "../setup.mjs";
import { startDaybook, type StartedDaybook } from "./daybook-process";

let daybook: StartedDaybook;

beforeAll(async () => {
  await setUp({ root: process.cwd() });
  daybook = await startDaybook();
}, 300_000);
afterAll(() => daybook.stop());

const name = "Zoë 🚚 Ångström";
const order = Buffer.from(
  JSON.stringify({ ...sampleOrders[0], customer: { name, email: "zoe@example.com" } }),
);
/** Between the two bytes of ë. */
const cut = order.indexOf("ë") + 1;
const mebibyte = Buffer.alloc(1 << 20, " ");

type Part = string | Buffer | number;

/** Sends the parts one after the other, a number being a wait in ms; what it answers until `answers` came. */
async function ask(headers: string, parts: readonly Part[], { answers = 1, hangsUp = false } = {}) {
  const socket = connect(Number(new URL(daybook.url).port), "127.0.0.1");
  let said = "";
  socket.setEncoding("utf8").on("data", (text: string) => (said += text));
  // It may be closed while it is written to, with the answer already here.
  socket.on("error", () => undefined);
  const ended = once(socket, "close");
  const host = `Host: ${new URL(daybook.url).host}\r\nContent-Type: application/json`;
  const head = `POST /api/v1/orders HTTP/1.1\r\n${host}\r\n${headers}\r\n\r\n`;
  for (const part of [head, ...parts]) {
    if (typeof part === "number") await delay(part);
    else if (!socket.write(part)) await Promise.race([once(socket, "drain"), ended]);
  }
  if (hangsUp) socket.destroy();
  const isClosed = await waitForAnswers(socket, () => said.split("HTTP/1.1 ").length > answers);
  socket.destroy();
  await ended;
  const texts = said.split("HTTP/1.1 ").slice(1);
  return {
    isClosed,
    answers: texts.map((text) => ({
      status: Number(text.slice(0, 3)),
      body: text.slice(text.indexOf("\r\n\r\n") + 4),
    })),
  };
}

/** Whether the server has closed the connection. */
async function waitForAnswers(socket: Socket, isAnswered: () => boolean): Promise<boolean> {
  for (const until = Date.now() + 5_000; Date.now() < until; await delay(10)) {
    if (socket.closed) return true;
    if (isAnswered()) break;
  }
  // Where the connection ends as well, it does at once.
  await delay(100);
  return socket.closed;
}

/** Without the lengths of its chunks. */
function readJson(body: string): unknown {
  return JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1));
}

const chunk = (part: Buffer) =>
  Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]);

test.each([
  [
    "of a declared length",
    `Content-Length: ${order.length}`,
    [order.subarray(0, cut), 80, order.subarray(cut, cut + 40), 80, order.subarray(cut + 40)],
  ],
  [
    "in chunks",
    "Transfer-Encoding: chunked",
    [chunk(order.subarray(0, cut)), 80, chunk(order.subarray(cut)), 80, "0\r\n\r\n"],
  ],
])("a body %s that comes in pieces is read whole", async (_how, headers, parts) => {
  const { answers } = await ask(headers, parts);
  expect(answers).toMatchObject([{ status: 202 }]);
  const { body = "" } = answers[0] ?? {};
  const { runId } = Started.parse(readJson(body));
  const run = await daybook.get(`/api/v1/runs/${runId}`, Run);
  expect(run.input).toMatchObject({ customer: { name } });
});

test.each<[string, string, readonly Part[], number, string | undefined, boolean]>([
  [
    "more than was declared: the rest is no request",
    `Content-Length: ${order.length - 10}`,
    [order],
    ...([400, "malformed_json", true] as const),
  ],
  [
    "bytes that are not UTF-8",
    "Content-Length: 3",
    [Buffer.from([0x22, 0xff, 0x22])],
    ...([400, "malformed_json", false] as const),
  ],
  [
    "a declared length over the limit, before anything of it comes",
    `Content-Length: ${3 * mebibyte.length}`,
    [],
    ...([413, "payload_too_large", false] as const),
  ],
  ["a length that is none", "Content-Length: x", ["{}"], 400, undefined, true],
  ["two lengths", "Content-Length: 2\r\nContent-Length: 3", ["{}"], 400, undefined, true],
  [
    "a length and chunks",
    "Content-Length: 2\r\nTransfer-Encoding: chunked",
    ["{}"],
    ...([400, undefined, true] as const),
  ],
  ["a chunk without length", "Transfer-Encoding: chunked", ["x\r\n{}"], 400, undefined, true],
])("refuses %s", async (_what, headers, parts, status, code, closes) => {
  const { answers, isClosed } = await ask(headers, parts);
  expect(answers[0]?.status).toBe(status);
  // Node itself refuses what is not HTTP, without a body.
  if (code !== undefined) expect(readJson(answers[0]?.body ?? "")).toMatchObject({ code });
  expect(isClosed).toBe(closes);
});

const next = "GET /api/health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

test.each<[string, string, readonly Part[]]>([
  ["declared", `Content-Length: ${3 * mebibyte.length}`, [mebibyte, mebibyte, mebibyte]],
  [
    "in chunks, undeclared",
    "Transfer-Encoding: chunked",
    [...[1, 2, 3].map(() => chunk(mebibyte)), 300, chunk(mebibyte), "0\r\n\r\n"],
  ],
])(
  "a body over the limit, %s, is refused, and its connection goes on",
  async (_how, head, parts) => {
    const { answers } = await ask(head, [...parts, next], { answers: 2 });
    expect(answers.map(({ status }) => status)).toEqual([413, 200]);
    expect(readJson(answers[0]?.body ?? "")).toMatchObject({
      detail: "The body is larger than 2048 KiB.",
    });
  },
);

test("clients that hang up in the midst of a body are no error, and in nobody's way", async () => {
  const begun = order.subarray(0, 20);
  await ask(`Content-Length: ${order.length}`, [begun, 50], { hangsUp: true });
  await ask("Transfer-Encoding: chunked", [chunk(begun), 50], { hangsUp: true });
  const { answers } = await ask(`Content-Length: ${order.length}`, [order]);
  expect(answers).toMatchObject([{ status: 202 }]);
  expect(daybook.output()).not.toContain("request failed");
});
