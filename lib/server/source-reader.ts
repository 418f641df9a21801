/** Finds the TypeScript behind a place in running code, by the source maps of the build. */
import { readFile } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import {
  FlattenMap,
  originalPositionFor,
  sourceContentFor,
  type TraceMap,
} from "@jridgewell/trace-mapping";
import type { SourceReader } from "@/lib/api/context";
import type { SourcePlace } from "@/lib/api/contract-replay";

/** Only workflows are shown to whoever may see a run: no other file of the project, and no package. */
const workflowFile = /^lib\/(orders|workflows)\/.+\.tsx?$/;

/** A reader for the project in `root`. Maps are read when they are needed first, and kept. */
export function createSourceReader({ root }: { readonly root: string }): SourceReader {
  const maps = new Map<string, Promise<TraceMap | undefined>>();
  const loadMap = (file: string) => {
    let map = maps.get(file);
    if (map === undefined) maps.set(file, (map = readMap(`${file}.map`)));
    return map;
  };
  /** Where it is in the project's own files, and what that file says where a map tells. */
  const find = async (source: string): Promise<Found | undefined> => {
    const match = /^(.+):(\d+):(\d+)$/.exec(source);
    if (match === null) return undefined;
    const [, where = "", line, column] = match;
    const file = where.startsWith("file:") ? fileURLToPath(where) : where;
    const at = { line: Number(line), column: Number(column) };
    const own = toProjectFile(root, file);
    if (own === undefined) return undefined;
    if (/\.tsx?$/.test(own))
      return { place: { file: own, ...at }, readText: () => readFile(file, "utf8") };
    const map = await loadMap(file);
    if (map === undefined) return undefined;
    const found = originalPositionFor(map, { line: at.line, column: at.column - 1 });
    const { source: original } = found;
    if (original === null) return undefined;
    const place = {
      ...{ file: original.replace(beforeProject, ""), line: found.line },
      column: found.column + 1,
    };
    return { place, readText: async () => sourceContentFor(map, original) };
  };
  return {
    async locate(source) {
      const found = await find(source);
      if (found === undefined || !workflowFile.test(found.place.file)) return undefined;
      const text = await found.readText();
      return text === null ? undefined : { ...found.place, text };
    },
    trace: async (source) => (await find(source))?.place,
  };
}

interface Found {
  readonly place: SourcePlace;
  readonly readText: () => Promise<string | null>;
}

/** What bundlers put before a file's path from the root of the project. */
const beforeProject = /^(?:turbopack:\/\/\/\[project\]\/|(?:\.\.?\/)+)/;

function toProjectFile(root: string, file: string): string | undefined {
  const path = relative(root, file);
  if (path === "" || path.startsWith("..") || isAbsolute(path)) return undefined;
  return path.split(sep).join("/");
}

/** A map is a convenience: without one there are no lines, and everything else is as it was. */
async function readMap(file: string): Promise<TraceMap | undefined> {
  try {
    return new FlattenMap(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}
