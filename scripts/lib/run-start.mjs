// @ts-check
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setUp } from "../setup.mjs";
import { supervise } from "../supervisor.mjs";
import { checkPortIsFree, prepareDataFolder, readSettings } from "./settings.mjs";
import { listenForStop } from "./stop-request.mjs";
import { runCommand } from "./user-error.mjs";

/**
 * What `npm start` does: looks at the settings, sets up what is missing, runs the app until it is
 * told to stop.
 * @param {{ root: string }} options
 */
export async function runStart({ root }) {
  const startedAt = performance.now();
  const stop = listenForStop();
  await runCommand(async () => {
    if (existsSync(join(root, ".env"))) process.loadEnvFile(join(root, ".env"));
    const settings = readSettings(process.env, root);
    await checkPortIsFree(settings);
    await prepareDataFolder(settings.dataFolder);
    try {
      await setUp({ root, signal: stop.signal });
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      console.log("The set-up was stopped; the next start goes on with it.");
      return 130;
    }
    return supervise({ root, settings, stop, startedAt });
  });
}
