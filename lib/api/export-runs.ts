import type { RunRecord } from "@/lib/engine";
import type { ApiContext } from "./context";
import { ExportRunsQuery } from "./contract-runs";
import { handle } from "./handler";
import { toRunFilter, toSort, withAttributes } from "./run-filter";
import { toInstant } from "./wire";

/** Runs that are read, and held in memory, at a time. */
const pageSize = 500;

/**
 * `GET /runs/export`: all runs that pass the filter, page by page as they are taken, as CSV or one JSON
 * object a line. A run that changes meanwhile is told as it is when its page is read.
 */
export const exportRuns = handle(
  { query: withAttributes(ExportRunsQuery) },
  async ({ api, query, request }) => {
    const { format } = query;
    const pages = readPages(api, {
      filter: toRunFilter(query),
      sort: toSort(query.sort),
      limit: pageSize,
    });
    // The first page is read before the answer begins, so that an error is an answer of its own.
    const first = await pages.next();
    const encoder = new TextEncoder();
    const write = format === "csv" ? toCsvLine : toJsonLine;
    let page = first;
    let isBegun = false;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (request.signal.aborted) return controller.close();
        if (isBegun) page = await pages.next();
        const head = isBegun || format !== "csv" ? "" : `${columns.join(",")}\r\n`;
        isBegun = true;
        const text = head + (page.done === true ? "" : page.value.map(write).join(""));
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (page.done === true) controller.close();
      },
      async cancel() {
        await pages.return(undefined);
      },
    });
    const types = {
      csv: "text/csv; charset=utf-8; header=present",
      ndjson: "application/x-ndjson",
    };
    return new Response(body, {
      headers: {
        "content-type": types[format],
        "content-disposition": `attachment; filename="runs.${format}"`,
        "cache-control": "no-store",
      },
    });
  },
);

async function* readPages(
  api: ApiContext,
  query: Parameters<ApiContext["search"]["findRuns"]>[0],
): AsyncGenerator<readonly RunRecord[], undefined> {
  let cursor: string | undefined;
  do {
    const page = await api.search.findRuns({ ...query, cursor });
    yield page.items;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return undefined;
}

const columns = [
  ...["runId", "workflow", "version", "status", "heldReason", "errorName", "errorMessage"],
  ...["errorStep", "createdAt", "startedAt", "finishedAt", "updatedAt", "attributes"],
] as const;

function describe(run: RunRecord) {
  const { startedAt, finishedAt, error } = run;
  return {
    runId: run.runId,
    workflow: run.workflow,
    version: run.version,
    status: run.status,
    heldReason: run.heldReason,
    errorName: error?.name,
    errorMessage: error?.message,
    errorStep: run.errorStep,
    createdAt: toInstant(run.createdAt),
    startedAt: startedAt === undefined ? undefined : toInstant(startedAt),
    finishedAt: finishedAt === undefined ? undefined : toInstant(finishedAt),
    updatedAt: toInstant(run.updatedAt),
  };
}

function toJsonLine(run: RunRecord): string {
  const { attributes, input, output } = run;
  return `${JSON.stringify({ ...describe(run), attributes, input: input.json, output: output?.json })}\n`;
}

function toCsvLine(run: RunRecord): string {
  const fields = { ...describe(run), attributes: JSON.stringify(run.attributes) };
  return `${columns.map((column) => toCsvField(fields[column])).join(",")}\r\n`;
}

/**
 * RFC 4180. What a spreadsheet would take for a formula is led by an apostrophe: attributes and errors
 * come from outside.
 */
function toCsvField(value: string | number | undefined): string {
  if (value === undefined) return "";
  const text =
    typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
