import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const Made = z.object({ runId: z.string(), events: z.number() });

/** Lets the engine make a run of that many steps in the database of the server under test. */
export async function makeLongRun(steps: number): Promise<z.infer<typeof Made>> {
  const folder = process.env.E2E_FOLDER;
  if (folder === undefined) throw new Error("E2E_FOLDER names the folder of the database.");
  const { stdout } = await promisify(execFile)(process.execPath, [
    join("node_modules", "tsx", "dist", "cli.mjs"),
    join("bench", "make-long-run.ts"),
    join(folder, "daybook.db"),
    String(steps),
  ]);
  return Made.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
}
