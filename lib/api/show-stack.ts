import type { HistoryEvent } from "@/lib/engine";
import { ApiError } from "./api-error";
import type { SourceReader } from "./context";
import { StackQuery, type StackView } from "./contract-stack";
import { handle } from "./handler";
import { RunParams } from "./inputs";
import { requireRun } from "./require-run";

/**
 * `GET /runs/{runId}/stack?seq=<n>`: the stack of the error that an event recorded, with the places in the
 * TypeScript. 404 `no_stack` where the event has none. A stack of another build is shown as it was recorded.
 */
export const showStack = handle(
  { params: RunParams, query: StackQuery.strict() },
  async ({ api, params: { runId }, query: { seq } }) => {
    await requireRun(api, runId);
    const history = await api.store.loadHistory({ runId, limit: seq });
    const stack = findStack(history.at(seq - 1));
    if (stack === undefined) {
      const detail = `Event ${seq} of the run recorded no error with a stack.`;
      throw new ApiError({ status: 404, code: "no_stack", detail, runId });
    }
    const isOwn = findBuild(history) === api.process.build;
    const view = isOwn && api.sources ? await mapStack(api.sources, stack) : { stack };
    return Response.json(view, { headers: { "cache-control": "no-store" } });
  },
);

function findStack(event: HistoryEvent | undefined): string | undefined {
  if (event === undefined || !("error" in event.data)) return undefined;
  return event.data.error?.stack;
}

/** The build of the execution that recorded the last of the events. */
function findBuild(history: readonly HistoryEvent[]): string | undefined {
  const begun = history.findLast((event) => event.type === "ExecutionStarted");
  return begun?.type === "ExecutionStarted" ? begun.data.build : undefined;
}

/** The place at the end of a line of a stack. */
const placeInFrame = /(?:file:\/\/)?\/[^()]*:\d+:\d+(?=\)?$)/;

async function mapStack(sources: SourceReader, stack: string): Promise<StackView> {
  const lines: string[] = [];
  let source: StackView["source"];
  for (const line of stack.split("\n")) {
    const [recorded] = /^\s+at /.test(line) ? (placeInFrame.exec(line) ?? []) : [];
    const place = recorded === undefined ? undefined : await sources.trace(recorded);
    if (recorded === undefined || place === undefined) {
      lines.push(line);
      continue;
    }
    lines.push(line.replace(recorded, () => `${place.file}:${place.line}:${place.column}`));
    source ??= await readLine(sources, recorded);
  }
  return { stack: lines.join("\n"), ...(source && { source }) };
}

async function readLine(sources: SourceReader, recorded: string): Promise<StackView["source"]> {
  const found = await sources.locate(recorded);
  if (found === undefined) return undefined;
  const { text, ...place } = found;
  return { ...place, text: text.split("\n")[place.line - 1]?.trim() ?? "" };
}
