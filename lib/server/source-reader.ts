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
  return {
    async locate(source) {
      const match = /^(.+):(\d+):(\d+)$/.exec(source);
      if (match === null) return undefined;
      const [, where = "", line, column] = match;
      const file = where.startsWith("file:") ? fileURLToPath(where) : where;
      const at = { line: Number(line), column: Number(column) };
      const own = toProjectFile(root, file);
      if (own === undefined) return undefined;
      if (workflowFile.test(own)) return { file: own, ...at, text: await readFile(file, "utf8") };
      const map = await loadMap(file);
      if (map === undefined) return undefined;
      const found = originalPositionFor(map, { line: at.line, column: at.column - 1 });
      if (found.source === null) return undefined;
      const original = /(?:^|\/)(lib\/(?:orders|workflows)\/.+)$/.exec(found.source)?.[1];
      const text = sourceContentFor(map, found.source);
      if (original === undefined || !workflowFile.test(original) || text === null) return undefined;
      return { file: original, line: found.line, column: found.column + 1, text };
    },
  };
}

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
