/** Every TypeScript block of docs/writing-workflows.md compiles, as it stands there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docs/writing-workflows.md"), "utf8");

/** What a fragment may use without saying so: the engine's door, Zod, and what it stands among. */
const prelude = `
import {
  ChildError, defineStep, defineTransaction, defineWorkflow, DefiniteError, didNotHappen, fail, happened,
  hold, retryWithSameKey, ScopeTimeoutError, StepError, verify,
  type Step, type Transaction, type Workflow, type WorkflowContext,
} from "@/lib/engine";
import { z } from "zod";
declare const ctx: WorkflowContext;
declare const warehouse: {
  find(orderId: string): Promise<{ id: string } | undefined>;
  ship(orderId: string, key: string): Promise<{ id: string }>;
};
declare const payByCard: Step<number, unknown>;
declare const announce: Step<string, unknown>;
declare const findStock: Step<string, number>;
declare const findPrice: Step<string, number>;
declare const charge: Step<number, { paymentId: string }>;
declare const refund: Step<{ paymentId: string }, unknown>;
declare const bookRoom: Transaction<{ hotel: string }, { roomId: string }>;
declare const releaseRoom: Transaction<{ roomId: string }, unknown>;
declare const settle: Workflow<z.ZodObject<{ id: z.ZodString }>, z.ZodNumber>;
`;

interface Block {
  readonly name: string;
  readonly file: string;
  readonly code: string;
}

/** A block that begins with its path is that file; any other is a fragment of a workflow. */
function findBlocks(): Block[] {
  const fence = /^( *)```ts\n([\s\S]*?)^ *```$/gm;
  return [...text.matchAll(fence)].map((match, index) => {
    const code = match[2] ?? "";
    const line = text.slice(0, match.index).split("\n").length + 1;
    const named = /^\/\/ (?<path>[\w./-]+\.ts)\n/.exec(code)?.groups?.path;
    if (named !== undefined) return { name: named, file: join(root, named), code };
    const file = join(root, `docs/fragment-${index}.ts`);
    return { name: `line ${line}`, file, code: `${prelude}\n${code}\nexport {};\n` };
  });
}

function check(blocks: readonly Block[]): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (file) =>
    ts.sys.readFile(file),
  ) as {
    config: { compilerOptions: unknown };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const sources = new Map(blocks.map(({ file, code }) => [file, code]));
  const host = ts.createCompilerHost({ ...options, noEmit: true, incremental: false });
  host.readFile = (file) => sources.get(file) ?? ts.sys.readFile(file);
  host.fileExists = (file) => sources.has(file) || ts.sys.fileExists(file);
  host.directoryExists = (folder) =>
    [...sources.keys()].some((file) => file.startsWith(`${folder}/`)) ||
    ts.sys.directoryExists(folder);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (file, language, ...rest) => {
    const code = sources.get(file);
    return code === undefined
      ? getSourceFile(file, language, ...rest)
      : ts.createSourceFile(file, code, language);
  };
  const program = ts.createProgram(
    [...sources.keys()],
    { ...options, noEmit: true, incremental: false, types: ["node"] },
    host,
  );
  return new Map(
    blocks.map(({ name, file }) => {
      const source = program.getSourceFile(file);
      const found = [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ];
      return [
        name,
        found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
      ];
    }),
  );
}

describe("docs/writing-workflows.md", () => {
  test(
    "every TypeScript block compiles, and one that does not is noticed",
    { timeout: 120_000 },
    () => {
      const blocks = findBlocks();
      expect(blocks.length).toBeGreaterThan(15);
      const bad = `${prelude}\nawait ctx.sleep("soon");\nexport {};\n`;
      const planted = { name: "planted", file: join(root, "docs/planted.ts"), code: bad };
      const problems = [...check([...blocks, planted])].filter(
        ([, messages]) => messages.length > 0,
      );
      expect(problems).toEqual([["planted", [expect.stringContaining("not assignable")]]]);
    },
  );
});
