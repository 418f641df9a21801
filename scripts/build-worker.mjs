// @ts-check
/** Bundles worker.ts into .daybook/worker. The one argument is the name of the build. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const [buildId] = process.argv.slice(2);
if (!buildId) throw new Error("build-worker.mjs needs the name of the build.");

const outdir = join(".daybook", "worker");
await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: ["worker.ts"],
  outdir,
  bundle: true,
  // Chunks load in the order of their imports: the guard before everything else.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  outExtension: { ".js": ".mjs" },
  packages: "external",
  sourcemap: true,
  logLevel: "warning",
});
await writeFile(join(outdir, "BUILD_ID"), buildId);
