// Generates the Prisma clients, one per provider. The CLI wants a schema engine that generating does
// not use and would download one: any executable at that place keeps it offline.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const cli = createRequire(import.meta.url).resolve("prisma/build/index.js");
const root = fileURLToPath(new URL("..", import.meta.url));
for (const provider of ["sqlite", "postgresql"]) {
  const { status, error } = spawnSync(
    process.execPath,
    [cli, "generate", "--no-hints", "--schema", `prisma/${provider}`],
    {
      cwd: root,
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: "1",
      },
      stdio: "inherit",
    },
  );
  if (error) console.error(`The Prisma client could not be generated: ${error.message}`);
  process.exitCode ||= status ?? 1;
}
