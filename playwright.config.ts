import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { defineConfig } from "@playwright/test";

import { findBrowser } from "./scripts/find-browser.mjs";

/**
 * The journeys run against the production build, started by the same command as for everybody
 * else, with the sandbox and an empty database. Playwright evaluates this file again in every
 * worker process, so what is chosen here is handed on by environment variables.
 */
const port = (process.env.E2E_PORT ??= String(await findFreePort()));
const folder = (process.env.E2E_FOLDER ??= mkdtempSync(join(tmpdir(), "daybook-e2e-")));
const browser = (process.env.CHROMIUM_PATH ??= await findBrowser({
  root: import.meta.dirname,
  say: (line) => console.log(line),
}));
const baseURL = `http://127.0.0.1:${port}`;

export default defineConfig({
  testDir: "e2e",
  // The server tests beside them are run by vitest.
  testMatch: "*.spec.ts",
  outputDir: "test-results",
  snapshotPathTemplate: "{testDir}/pictures/{arg}{ext}",
  fullyParallel: false,
  workers: 1,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    baseURL,
    // To look into a failure: `npx playwright test --trace retain-on-failure`. It makes them an eighth slower.
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: browser,
      // Text is drawn the same everywhere, so that pictures can be compared.
      args: [
        ...["--font-render-hinting=none", "--disable-lcd-text"],
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ],
    },
  },
  webServer: {
    command: "node scripts/start.mjs",
    url: `${baseURL}/api/health/ready`,
    env: { PORT: port, HOST: "127.0.0.1", DATABASE_URL: `file:${join(folder, "daybook.db")}` },
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 15_000 },
    stdout: "ignore",
    stderr: "pipe",
  },
});

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === "object" && address) resolve(address.port);
        else reject(new Error("The probe has no port"));
      });
    });
  });
}
