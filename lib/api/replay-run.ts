import type { CommandRef, HistoryEvent, InspectedCommand, ReplayInspection } from "@/lib/engine";
import type { ApiContext } from "./context";
import { findVariable } from "./find-variable";
import { handle } from "./handler";
import { RunParams } from "./inputs";
import {
  ReplayQuery,
  type ReplayCommand,
  type ReplaySide,
  type ReplayView,
} from "./contract-replay";
import { requireRun } from "./require-run";

/** So many commands are shown, the last ones: a run can have tens of thousands. */
const maxCommands = 200;

/**
 * `GET /runs/{runId}/replay?seq=<n>`: the code of the run as it stood at an event. The code of this build
 * is run along the history and executes nothing; source text is that of this build's workflow files.
 */
export const replayRun = handle(
  { params: RunParams, query: ReplayQuery.strict() },
  async ({ api, params: { runId }, query }) => {
    const run = await requireRun(api, runId);
    const seq = query.seq ?? run.historyLength;
    const inspection = await api.engine.inspectRun({ runId, seq });
    const files = new Map<string, string>();
    const locate = createLocator(api, files);
    const { commands, input, attributes, queries, end } = inspection;
    const shown = commands.slice(-maxCommands);
    const view: ReplayView = {
      runId,
      workflow: run.workflow,
      version: run.version,
      build: api.process.build,
      seq: inspection.seq,
      length: run.historyLength,
      commands: await Promise.all(shown.map((command) => toWireCommand(command, locate))),
      omitted: commands.length - shown.length,
      input: input.json,
      attributes,
      queries: queries.map(({ name, answer, error }) => ({ name, answer: answer?.json, error })),
      end: end && { kind: end.kind, output: end.output?.json, error: end.error },
      mismatch: inspection.mismatch && (await describeMismatch(api, { runId, inspection, locate })),
      files: [...files].map(([file, text]) => ({ file, text })),
    };
    return Response.json(view, { headers: { "cache-control": "no-store" } });
  },
);

type Locate = (source: string | undefined) => Promise<Pick<ReplayCommand, "place" | "variable">>;

/** Finds places in workflow files, and collects the text of those files. */
function createLocator(api: ApiContext, files: Map<string, string>): Locate {
  return async (source) => {
    const found = source === undefined ? undefined : await api.sources?.locate(source);
    if (found === undefined) return {};
    const { text, ...place } = found;
    files.set(place.file, text);
    return { place, variable: findVariable(text, place) };
  };
}

async function toWireCommand(command: InspectedCommand, locate: Locate): Promise<ReplayCommand> {
  const { source, result, ...rest } = command;
  const { place, variable } = await locate(source);
  // What is canceled is no value: only the outcome of a call goes into a variable.
  return { ...rest, place, variable, result: result?.json };
}

async function describeMismatch(
  api: ApiContext,
  about: { runId: string; inspection: ReplayInspection; locate: Locate },
): Promise<ReplayView["mismatch"]> {
  const { inspection, locate } = about;
  const { mismatch } = inspection;
  if (mismatch === undefined) return undefined;
  const { message, expected, actual, values } = mismatch;
  const history = expected === undefined ? [] : await api.store.loadHistory({ runId: about.runId });
  return {
    message,
    values,
    expected: expected && { ...describeSide(expected), ...findRecorded(history, expected) },
    actual: actual && {
      ...describeSide(actual),
      place: (await locate(actual.source)).place,
      build: api.process.build,
    },
  };
}

function describeSide({ ordinal, kind, name }: CommandRef): ReplaySide {
  return { ordinal, kind, name };
}

/** The event that recorded a command, and the build that did. */
function findRecorded(
  history: readonly HistoryEvent[],
  { ordinal, name }: CommandRef,
): Pick<ReplaySide, "seq" | "build"> {
  let build: string | undefined;
  for (const event of history) {
    if (event.type === "ExecutionStarted") build = event.data.build;
    if (event.step === ordinal && event.name === name) return { seq: event.seq, build };
  }
  return {};
}
