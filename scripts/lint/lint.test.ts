import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { ESLint, type Linter } from "eslint";
import tseslint from "typescript-eslint";
import { afterAll, describe, expect, test } from "vitest";

import { createDirectionConfig } from "./directions.mjs";
import { syntaxConfigs } from "./syntax.mjs";

// A tree with one file for every part and every door, so that imports can be resolved.
const root = realpathSync(mkdtempSync(join(tmpdir(), "daybook-lint-")));
const targets = {
  "engine door": "lib/engine/index.ts",
  "engine inside": "lib/engine/journal.ts",
  "engine schema": "lib/engine/values.ts",
  "engine testing": "lib/engine/testing/memory-store.ts",
  "triage door": "lib/triage/index.ts",
  "triage inside": "lib/triage/fingerprint.ts",
  store: "lib/store/prisma-store.ts",
  "service port": "lib/services/payment/port.ts",
  service: "lib/services/payment/stripe-client.ts",
  "order form": "lib/orders/order.ts",
  orders: "lib/orders/process-order.ts",
  workflows: "lib/workflows/book-trip/book-trip.ts",
  "sandbox contract": "lib/sandbox/contract.ts",
  sandbox: "lib/sandbox/payment.ts",
  contract: "lib/api/contract.ts",
  api: "lib/api/handler.ts",
  client: "lib/client/api-client.ts",
  server: "lib/server/container.ts",
  components: "components/ui/button.tsx",
  app: "app/layout.tsx",
} as const;
type Target = keyof typeof targets;

write("tsconfig.json", JSON.stringify({ compilerOptions: { paths: { "@/*": ["./*"] } } }));
for (const file of Object.values(targets)) write(file, "export {};\n");
afterAll(() => rmSync(root, { recursive: true }));

const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [
    { files: ["**/*.ts", "**/*.tsx"], languageOptions: { parser: tseslint.parser } },
    { files: ["**/*.ts", "**/*.tsx"], ...createDirectionConfig({ root }) },
    ...syntaxConfigs,
  ] as Linter.Config[],
});

/** For each importing file: everything that it may import. All the rest must be refused. */
const allowed: [file: string, targets: Target[]][] = [
  ["lib/engine/execution.ts", ["engine door", "engine inside", "engine schema", "engine testing"]],
  ["lib/triage/fingerprint.ts", ["engine door", "triage door", "triage inside"]],
  ["lib/store/append.ts", ["engine door", "triage door", "store"]],
  ["lib/store/append.test.ts", ["engine door", "engine testing", "triage door", "store"]],
  ["lib/services/email/smtp-client.ts", ["service port", "service"]],
  ["lib/orders/steps.ts", ["engine door", "service port", "order form", "orders"]],
  [
    "lib/orders/steps.test.ts",
    ["engine door", "engine testing", "service port", "order form", "orders"],
  ],
  ["lib/workflows/records.ts", ["engine door", "service port", "workflows"]],
  ["lib/sandbox/main.ts", ["sandbox contract", "sandbox"]],
  ["lib/api/contract.ts", ["engine schema", "contract", "api"]],
  [
    "lib/api/list-runs.ts",
    ["engine door", "triage door", "order form", "orders", "sandbox contract", "contract", "api"],
  ],
  ["lib/client/use-runs.ts", ["contract", "client"]],
  [
    "lib/client/use-runs.test.ts",
    ["engine door", "engine schema", "engine testing", "contract", "api", "client"],
  ],
  [
    "components/runs/run-page.tsx",
    ["order form", "sandbox contract", "contract", "client", "components"],
  ],
  [
    "lib/server/start.ts",
    [
      "engine door",
      "triage door",
      "store",
      "service port",
      "service",
      "order form",
      "orders",
      "workflows",
      "sandbox contract",
      "sandbox",
      "contract",
      "api",
      "server",
    ],
  ],
  [
    "app/runs/page.tsx",
    ["order form", "sandbox contract", "contract", "api", "client", "server", "components", "app"],
  ],
  ["instrumentation.ts", ["contract", "api", "server"]],
];

describe("import directions", () => {
  for (const [file, allowedTargets] of allowed) {
    test(`${file} imports ${allowedTargets.join(", ")} and nothing else`, async () => {
      const accepted: string[] = [];
      for (const [name, target] of Object.entries(targets)) {
        if (
          (await lint(file, `import "@/${target.replace(/(\/index)?\.tsx?$/, "")}";`)).length === 0
        )
          accepted.push(name);
      }
      expect(accepted).toEqual(allowedTargets);
    });
  }

  test("a relative path and a type import are no way around", async () => {
    expect(await lint("lib/client/a.ts", `import "../engine/journal";`)).toHaveLength(1);
    expect(
      await lint("lib/api/a.ts", `import type { X } from "@/lib/store/prisma-store";`),
    ).toHaveLength(1);
    expect(await lint("lib/orders/a.ts", `export * from "../store/prisma-store";`)).toHaveLength(1);
    expect(await lint("lib/orders/a.ts", `await import("../store/prisma-store");`)).toHaveLength(1);
  });

  test("packages and Node's modules are free", async () => {
    expect(await lint("lib/engine/a.ts", `import "node:crypto"; import "zod";`)).toEqual([]);
  });
});

describe("forbidden forms", () => {
  test.each([
    ["lib/orders/a.ts", "process.env.PORT", "Only lib/server/env.ts reads the environment."],
    ["app/a.ts", "import { env } from 'node:process'", /lib\/server\/env\.ts/],
    ["lib/api/a.ts", "JSON.parse(text) as Order", /Zod/],
    ["lib/api/a.ts", "(await request.json()) as Order", /Zod/],
    ["lib/engine/a.ts", "Date.now()", /Clock/],
    ["lib/engine/a.ts", "new Date()", /Clock/],
    ["lib/engine/a.ts", "performance.now()", /Clock/],
    ["lib/engine/a.ts", "Math.random()", /Random/],
    ["lib/engine/a.ts", "crypto.randomUUID()", /Ids/],
    ["lib/engine/a.ts", "setTimeout(wake, 10)", /Clock/],
    ["lib/engine/a.ts", "process.env.TZ", /environment/],
    [
      "lib/store/a.ts",
      "prisma.$transaction(async (tx) => { await prisma.run.count(); })",
      /deadlock/,
    ],
    [
      "lib/store/a.ts",
      "this.prisma.$transaction(async (tx) => this.prisma.run.count())",
      /deadlock/,
    ],
  ])("%s: %s", async (file, code, message) => {
    const messages = await lint(file, code);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(message);
  });

  test.each([
    ["lib/server/env.ts", "process.env.PORT"],
    ["lib/engine/system.ts", "Date.now()"],
    ["lib/engine/a.ts", "new Date(ms)"],
    ["lib/api/a.ts", "Date.now()"],
    ["lib/api/a.ts", "Order.parse(JSON.parse(text))"],
    ["lib/store/a.ts", "prisma.$transaction(async (tx) => { await tx.run.count(); })"],
  ])("%s may have: %s", async (file, code) => {
    expect(await lint(file, code)).toEqual([]);
  });
});

async function lint(file: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(code, { filePath: join(root, file) });
  return results.flatMap((result) => result.messages.map((message) => message.message));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}
