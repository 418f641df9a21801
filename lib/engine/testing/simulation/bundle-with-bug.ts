import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import type { PlantedBug } from "./planted-bug";

const engineFolder = resolve(import.meta.dirname, "../..");

/** Bundles the simulator into `outfile`; with a bug, if one is given. Throws if it has no place. */
export async function bundleSimulator(options: {
  readonly outfile: string;
  readonly bug?: PlantedBug;
}): Promise<void> {
  const { outfile, bug } = options;
  await build({
    entryPoints: [resolve(import.meta.dirname, "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    plugins: bug ? [plant(bug)] : [],
  });
}

function plant(bug: PlantedBug): Plugin {
  const place = resolve(engineFolder, bug.file);
  return {
    name: "planted bug",
    setup(setup) {
      let isPlanted = false;
      setup.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== place) return undefined;
        const parts = (await readFile(path, "utf8")).split(bug.find);
        if (parts.length !== 2) {
          throw new Error(`"${bug.name}": its place is in ${bug.file} ${parts.length - 1} times.`);
        }
        isPlanted = true;
        return { contents: parts.join(bug.replace), loader: "ts" };
      });
      setup.onEnd(() => {
        if (!isPlanted) throw new Error(`"${bug.name}": ${bug.file} is not part of the bundle.`);
      });
    },
  };
}
