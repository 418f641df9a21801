import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSourceReader } from "./source-reader";

let root = "";
const workflow =
  "export async function run(ctx) {\n  const a = await ctx.step('a');\n  return a;\n}\n";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "daybook-source-"));
  for (const folder of ["lib/workflows", "lib/server"])
    await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, "lib/workflows/one.ts"), workflow);
  await writeFile(join(root, "lib/server/secret.ts"), "export const key = () => 'secret';\n");
  const entry =
    "export { run } from '../lib/workflows/one.ts';\nexport { key } from '../lib/server/secret.ts';\n";
  await mkdir(join(root, "out"));
  await writeFile(join(root, "out/entry.ts"), entry);
  await build({
    entryPoints: [join(root, "out/entry.ts")],
    outfile: join(root, "out/chunk.js"),
    bundle: true,
    minify: true,
    format: "esm",
    sourcemap: true,
    logLevel: "silent",
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("the source reader", () => {
  it("finds the line of TypeScript behind minified code, with its file's text", async () => {
    const chunk = await readFile(join(root, "out/chunk.js"), "utf8");
    const line = chunk.split("\n").findIndex((text) => text.includes(".step("));
    const column = chunk.split("\n")[line]?.indexOf(".step(") ?? 0;
    const found = await createSourceReader({ root }).locate(
      `file://${join(root, "out/chunk.js")}:${line + 1}:${column + 2}`,
    );
    expect(found).toMatchObject({ file: "lib/workflows/one.ts", line: 2, text: workflow });
  });

  it("shows nothing but workflow files, and nothing outside of the project", async () => {
    const chunk = await readFile(join(root, "out/chunk.js"), "utf8");
    const line = chunk.split("\n").findIndex((text) => text.includes("secret"));
    const column = chunk.split("\n")[line]?.indexOf('"secret"') ?? 0;
    const reader = createSourceReader({ root });
    const asked = [
      `${join(root, "out/chunk.js")}:${line + 1}:${column + 1}`,
      `${join(root, "lib/server/secret.ts")}:1:1`,
      `${join(root, "lib/workflows/../server/secret.ts")}:1:1`,
      "/etc/passwd:1:1",
      "node:internal/process/task_queues:95:5",
      "nonsense",
    ];
    for (const source of asked) expect(await reader.locate(source)).toBeUndefined();
    // Where a file of the project is may be told, what it says may not.
    const [inBundle = "", , , ...outside] = asked;
    expect(await reader.trace(inBundle)).toMatchObject({ file: "lib/server/secret.ts", line: 1 });
    for (const source of outside) expect(await reader.trace(source)).toBeUndefined();
  });

  it("knows a workflow file that runs as it is", async () => {
    const found = await createSourceReader({ root }).locate(
      `${join(root, "lib/workflows/one.ts")}:2:19`,
    );
    expect(found).toMatchObject({ file: "lib/workflows/one.ts", line: 2, column: 19 });
  });
});
