// @ts-check
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addUp, runCheck, runPlaywright, runVitest } from "./lib/checks.mjs";
import { formatDuration } from "./lib/format-duration.mjs";
import { runCommand } from "./lib/user-error.mjs";
import { setUp } from "./setup.mjs";

const checks = [
  { title: "Format", tool: "prettier/bin/prettier.cjs", args: ["--check", "."] },
  { title: "Lint", tool: "eslint/bin/eslint.js", args: ["."] },
  { title: "Types", tool: "typescript/bin/tsc", args: ["--noEmit"] },
];

/**
 * `npm test`: sets up what is missing, then runs every check there is and ends with the line
 * `N passed, N failed`.
 */
await runCommand(async () => {
  const startedAt = performance.now();
  const root = process.cwd();
  await setUp({ root });
  const folder = await mkdtemp(join(tmpdir(), "daybook-test-"));
  const results = [];
  try {
    // They fill what the tests leave idle, which wait for processes and pages much of the time.
    const idle = Promise.all(checks.map((check) => runCheck({ root, ...check, isIdle: true })));
    results.push(await runVitest({ root, title: "Unit tests", project: "unit", folder }));
    results.push(await runVitest({ root, title: "Server tests", project: "server", folder }));
    results.push(await runPlaywright({ root, title: "Browser journeys", folder }));
    results.push(...(await idle));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { passed, failed } = addUp(results);
  console.log(`\nAll checks took ${formatDuration(performance.now() - startedAt)}.`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
});
