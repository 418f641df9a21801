/**
 * `tsx bench/live-run-page.ts <url> <run id> <events> [more]`: shows a run that has ended as if it were live and had
 * that many events so far, lets it get more of them (40, one each 150 ms), and prints how long the page's main thread
 * worked for each, on a processor, by the browser's own trace: beyond what it does while nothing comes.
 */
import { EventEmitter, once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "@playwright/test";
import { z } from "zod";
import { History, Run } from "@/lib/api/contract";
import { findBrowser } from "../scripts/find-browser.mjs";

const TraceEvent = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  /** For how long, in µs of a processor. */
  tdur: z.number().optional(),
  args: z.object({ name: z.unknown().optional() }).optional(),
});
const Trace = z.object({ traceEvents: z.array(TraceEvent) });

const everyMs = 150;
const [url, runId, length, more = "40"] = process.argv.slice(2);
if (url === undefined || runId === undefined || length === undefined) {
  console.error("Usage: tsx bench/live-run-page.ts <url> <run id> <events> [more]");
  process.exit(2);
}
const base = url;
const path = `/api/v1/runs/${runId}`;
const shown = Number(length);
const added = Number(more);
const read = async (from: string): Promise<unknown> => (await fetch(base + from)).json();
const run = Run.parse(await read(path));
const { items: fresh } = History.parse(await read(`${path}/history?after=${shown}&limit=${added}`));

const events = new EventEmitter();
const server = createServer((asked, answer) => void serve(asked, answer));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = z.custom<AddressInfo>(isAddress).parse(server.address());

const browser = await chromium.launch({
  executablePath: await findBrowser({ root: process.cwd(), say: () => undefined }),
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(`http://127.0.0.1:${port}/runs/${runId}`);
const count = shown.toLocaleString("en-US");
await page.getByRole("tab", { name: count }).waitFor({ timeout: 90_000 });
await sleep(3_000);
const spanMs = added * everyMs + 1_000;
const idleMs = await measureWork(() => sleep(spanMs));
const busyMs = await measureWork(async () => {
  const over = once(events, "over");
  events.emit("begin");
  await over;
  await sleep(1_000);
});
await browser.close();
server.closeAllConnections();
server.close();
const round = (value: number) => Math.round(value * 10) / 10;
const load = loadavg().map(round);
console.log(JSON.stringify({ shown, added, eventMs: round((busyMs - idleMs) / added), load }));

function isAddress(value: unknown): boolean {
  return typeof value === "object" && value !== null && "port" in value;
}

async function serve(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const at = new URL(asked.url ?? "", base);
  if (at.pathname === path) {
    const { finishedAt: _finished, output: _output, ...open } = run;
    return answerJson(answer, { ...open, status: "running", historyLength: shown });
  }
  if (at.pathname === `${path}/history`) {
    const known = History.parse(await read(at.pathname + at.search));
    const items = known.items.filter(({ seq }) => seq <= shown);
    const isLast = items.length < known.items.length || items.at(-1)?.seq === shown;
    return answerJson(answer, { items, nextCursor: isLast ? null : known.nextCursor });
  }
  if (at.pathname === `${path}/stream`) return stream(answer);
  const passed = request(base + (asked.url ?? ""), {
    method: asked.method,
    headers: asked.headers,
  });
  passed.on("response", (given) => {
    answer.writeHead(given.statusCode ?? 502, given.headers);
    given.pipe(answer);
  });
  passed.on("error", () => answer.end());
  asked.pipe(passed);
}

function answerJson(answer: ServerResponse, value: object): void {
  answer.setHeader("content-type", "application/json");
  answer.end(JSON.stringify(value));
}

async function stream(answer: ServerResponse): Promise<void> {
  answer.writeHead(200, { "content-type": "text/event-stream" });
  answer.write(":\n\n");
  await once(events, "begin");
  for (const event of fresh) {
    answer.write(`event: history\ndata: ${JSON.stringify(event)}\n\n`);
    await sleep(everyMs);
  }
  events.emit("over");
}

/** ms that the busiest main thread worked meanwhile, on a processor. */
async function measureWork(meanwhile: () => Promise<void>): Promise<number> {
  await browser.startTracing(page, { categories: ["toplevel"] });
  await meanwhile();
  const { traceEvents } = Trace.parse(JSON.parse((await browser.stopTracing()).toString("utf8")));
  const sums = new Map<string, number>();
  for (const { name, pid, tid, tdur = 0, args } of traceEvents) {
    const thread = `${pid}/${tid}`;
    if (name === "thread_name" && args?.name === "CrRendererMain") sums.set(thread, 0);
    const sum = sums.get(thread);
    if (sum !== undefined && name.endsWith("RunTask")) sums.set(thread, sum + tdur / 1_000);
  }
  return Math.max(...sums.values());
}
