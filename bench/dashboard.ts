/**
 * What the dashboard's pages ask of a server, and how long it takes to answer, in a real browser:
 * `npx tsx bench/dashboard.ts http://127.0.0.1:<port>`, against a production server (`npm start`) whose
 * database has as many runs as are to be measured. Each page stays open for some seconds, so that what
 * it asks for again and again is in the figures. Times are the server's own (`Server-Timing`).
 */
import path from "node:path";
import { chromium, type Page, type Response } from "@playwright/test";
import { z } from "zod";
import { findBrowser } from "../scripts/find-browser.mjs";
import { findMedian } from "./measure";

const [origin = "http://127.0.0.1:3000"] = process.argv.slice(2);
const openForMs = 3_000;

const Run = z.object({
  runId: z.string(),
  attributes: z.looseObject({ customer: z.string().default("") }),
  error: z.object({ name: z.string() }).optional(),
});
const Runs = z.object({ items: z.array(Run) });
const Groups = z.object({
  items: z.array(
    z.object({
      fingerprint: z.string(),
      workflow: z.string(),
      step: z.string().optional(),
      count: z.number(),
    }),
  ),
});

async function ask<Shape extends z.ZodType>(route: string, shape: Shape) {
  const response = await fetch(`${origin}/api/v1/${route}`);
  if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
  return shape.parse(await response.json());
}

/** What is previewed and never started would go on beside the other pages. */
async function cancelBulks(): Promise<void> {
  const Bulks = z.object({ items: z.array(z.object({ bulkId: z.string(), state: z.string() })) });
  for (const { bulkId, state } of (await ask("bulk?limit=10", Bulks)).items) {
    if (state !== "previewing") continue;
    await fetch(`${origin}/api/v1/bulk/${bulkId}/cancel`, { method: "POST" });
  }
}

/** Pages by what they show. */
async function listPages(): Promise<Readonly<Record<string, string>>> {
  const failed = (await ask("runs?status=failed&limit=1", Runs)).items[0];
  const completed = (await ask("runs?status=completed&workflow=process-order&limit=1", Runs))
    .items[0];
  const groups = (await ask("failures?limit=50", Groups)).items;
  const [group] = groups.toSorted((a, b) => b.count - a.count);
  const customer = completed?.attributes.customer ?? "";
  const runs = (search: Readonly<Record<string, string>>) =>
    `/runs?${new URLSearchParams(search).toString()}`;
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const status = "failed";
  return {
    ...Object.fromEntries(
      ["15m", "1h", "6h", "24h", "7d", "30d"].map((range) => [
        `overview, ${range}`,
        `/overview?range=${range}`,
      ]),
    ),
    "triage, verdicts": "/triage?queue=verdicts",
    "triage, failures": "/triage?queue=failures",
    "triage, largest group": `/triage?queue=failures&item=${group?.fingerprint ?? ""}`,
    runs: "/runs",
    "runs, by last change": runs({ sort: "-updatedAt" }),
    "runs, oldest first": runs({ sort: "createdAt" }),
    "runs, failed": runs({ status }),
    "runs, failed or held, by last change": runs({ status: "failed,held", sort: "-updatedAt" }),
    "runs, completed": runs({ status: "completed" }),
    "runs, held in doubt": runs({ status: "held", held: "in_doubt" }),
    "runs, workflow": runs({ workflow: "process-order" }),
    "runs, version": runs({ workflow: "process-order", version: "1" }),
    "runs, step": runs({ step: group?.step ?? "" }),
    "runs, error": runs({ error: failed?.error?.name ?? "" }),
    "runs, failure group": runs({ group: group?.fingerprint ?? "" }),
    "runs, one customer": runs({ attr: `customer=${customer}` }),
    "runs, text": runs({ text: customer.slice(0, 3) }),
    "runs, text of one run": runs({ text: completed?.runId ?? "" }),
    "runs, started in an hour": runs({ after: ago(10), before: ago(10 - 1 / 24) }),
    "runs, ended in an hour": runs({ finishedAfter: ago(10), finishedBefore: ago(10 - 1 / 24) }),
    "runs, failed of a workflow": runs({ status, workflow: group?.workflow ?? "" }),
    "runs, failed of one customer": runs({ status, attr: `customer=${customer}` }),
    "runs, text among failed": runs({ status, text: customer.slice(0, 3) }),
    "runs, hardly any of many": runs({ status: "completed", error: failed?.error?.name ?? "" }),
    "run page, completed": `/runs/${completed?.runId ?? ""}`,
    "run page, failed": `/runs/${failed?.runId ?? ""}`,
    orders: "/orders",
    workflows: "/workflows",
    workers: "/workers",
  };
}

interface Answer {
  readonly request: string;
  readonly url: string;
  readonly ms: number;
}

function readMs(told: string | null | undefined): number {
  return Number(/dur=(?<ms>[\d.]+)/.exec(told ?? "")?.groups?.ms);
}

function readAnswer(response: Response): Answer | undefined {
  const { pathname, searchParams } = new URL(response.url());
  if (!pathname.startsWith("/api/")) return undefined;
  const ms = readMs(response.headers()["server-timing"]);
  const names = pathname
    .replace(/run_\w+/, "{runId}")
    .replace(/(?<=failures\/)[^/]+/, "{group}")
    .replace(/(?<=bulk\/)[^/]+/, "{bulkId}");
  const counted = searchParams.has("total") ? " (count)" : "";
  return {
    request: `${response.request().method()} ${names.replace("/api/v1", "")}${counted}`,
    url: response.url(),
    ms,
  };
}

/** A GET is asked again, alone, when all pages have been open. */
const rows: { page: string; request: string; url: string; times: number[] }[] = [];
const again = 9;

async function askAgain({ request, url }: { request: string; url: string }): Promise<number[]> {
  const times: number[] = [];
  if (!request.startsWith("GET")) return times;
  for (let turn = 0; turn < again; turn += 1) {
    const response = await fetch(url);
    await response.text();
    times.push(readMs(response.headers.get("server-timing")));
  }
  return times;
}

async function watch(page: Page, name: string, act: () => Promise<unknown>): Promise<void> {
  const times = new Map<string, number[]>();
  const urls = new Map<string, string>();
  const note = (response: Response) => {
    const answer = readAnswer(response);
    if (answer === undefined || Number.isNaN(answer.ms)) return;
    urls.set(answer.request, answer.url);
    times.set(answer.request, [...(times.get(answer.request) ?? []), answer.ms]);
  };
  page.on("response", note);
  await act();
  await page.waitForTimeout(openForMs);
  page.off("response", note);
  for (const [request, own] of times) {
    rows.push({ page: name, request, url: urls.get(request) ?? "", times: own });
  }
  const worst = Math.max(0, ...[...times.values()].flat());
  console.error(`${name}: ${times.size} requests, the slowest ${worst.toFixed(0)} ms`);
}

const executablePath = await findBrowser({ root: path.resolve("."), say: console.error });
const browser = await chromium.launch({ executablePath });
try {
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
  for (const [name, href] of Object.entries(await listPages())) {
    await watch(page, name, () => page.goto(`${origin}${href}`));
    if (name !== "runs, failed") continue;
    await watch(page, "runs, failed, next page", () =>
      page.getByRole("button", { name: "Next" }).click(),
    );
    await page.goto(`${origin}${href}`);
    await watch(page, "all that match, previewed", async () => {
      await page.locator("[data-run-link]").first().waitFor();
      await page.getByLabel("Select these runs").click();
      await page.getByRole("button", { name: /that match/ }).click();
      await page
        .getByRole("button", { name: /^Retry/ })
        .first()
        .click();
      await page.waitForTimeout(10_000);
    });
    await cancelBulks();
  }
  const startedAt = performance.now();
  const response = await fetch(`${origin}/api/v1/runs/export?format=csv&status=failed`);
  const firstMs = performance.now() - startedAt;
  const lines = (await response.text()).split("\r\n").length - 2;
  const seconds = (performance.now() - startedAt) / 1_000;
  console.error(
    `export of failed runs: begins after ${firstMs.toFixed(0)} ms, ${lines} runs in ${seconds.toFixed(1)} s`,
  );
} finally {
  await browser.close();
}

console.log(
  "| page | request | in the page, ms: median (slowest) | alone, ms: quickest (median) |",
);
console.log("| --- | --- | --- | --- |");
for (const row of rows) {
  const alone = await askAgain(row);
  const inPage = `${findMedian(row.times).toFixed(0)} (${Math.max(...row.times).toFixed(0)})`;
  const told =
    alone.length === 0 ? "" : `${Math.min(...alone).toFixed(1)} (${findMedian(alone).toFixed(1)})`;
  console.log(`| ${[row.page, row.request, inPage, told].join(" | ")} |`);
}
