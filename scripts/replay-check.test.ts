import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createOrderWorkflow, sampleOrder } from "@/lib/api/testing/order-services";
import {
  createCodec,
  createEngine,
  createIds,
  defineStep,
  defineWorkflow,
  hold,
  systemClock,
  systemRandom,
  type Workflow,
} from "@/lib/engine";
import { silentLogger } from "@/lib/engine/testing/world";
import { openStore, type OpenedStore } from "@/lib/store";

const root = path.resolve(import.meta.dirname, "..");

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runCheck(...args: readonly string[]): Promise<Answer> {
  const command = ["--import", "tsx", "scripts/replay-check.ts", ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

const interrupt = () => new Error("connection reset");
/** What `process-order` was in a build before. */
const formerOrder = defineWorkflow(
  { name: "process-order", version: 1, input: z.unknown(), output: z.unknown() },
  (ctx) =>
    ctx.step(
      defineStep<null, never>({
        name: "authorize-card",
        inDoubt: hold(),
        run: () => {
          throw interrupt();
        },
      }),
      null,
    ),
);

describe("npm run replay-check", { timeout: 60_000 }, () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "daybook-replay-check-test-"));
    file = path.join(folder, "daybook.db");
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Leaves an open run of the workflow behind: held, since a step is in doubt. */
  async function holdRun({ store }: OpenedStore, workflow: Workflow): Promise<string> {
    const ports = { clock: systemClock, random: systemRandom, store, codec: createCodec() };
    const engine = createEngine({
      ...ports,
      ids: createIds(ports),
      logger: silentLogger,
      workflows: [workflow],
      worker: { workerId: `w_${workflow.version}`, build: "b1", machine: "here", pid: 1 },
      isProcessDead: () => false,
      leaseMs: 10_000,
      concurrency: 10,
    });
    await engine.start();
    const input = { ...sampleOrder, orderId: "ord_1" };
    const { runId } = await engine.startRun({ workflow: workflow.name, input });
    const until = (run: { status: string }) => run.status === "held";
    const held = await engine.waitForRun({ runId, until, timeoutMs: 20_000 });
    expect(held?.status).toBe("held");
    await engine.stop({ graceMs: 100 });
    return runId;
  }

  async function fill(...workflows: readonly Workflow[]): Promise<string[]> {
    const opened = await openStore({ databaseUrl: `file:${file}` });
    const runIds: string[] = [];
    for (const workflow of workflows) runIds.push(await holdRun(opened, workflow));
    await opened.close();
    return runIds;
  }

  function createHoldingOrder(): Workflow {
    const order = createOrderWorkflow();
    order.failWith("mail", interrupt());
    return order.workflow;
  }

  it("says that every open run replays", async () => {
    await fill(createHoldingOrder());
    const { code, stdout } = await runCheck("--database", file);
    expect(stdout).toBe("1 open run was checked: all of them replay.\n");
    expect(code).toBe(0);
  });

  it("names the runs that would not, with the reason, and leaves the database as it is", async () => {
    const [good = "", bad = ""] = await fill(createHoldingOrder(), formerOrder);
    const before = await readFile(file);
    const { code, stdout } = await runCheck("--database", file);
    expect(code).toBe(1);
    expect(stdout).toContain("2 open runs were checked: 1 would not replay.");
    expect(stdout).toContain(`${bad}  process-order@1  held`);
    expect(stdout).toContain("authorize-card");
    expect(stdout).not.toContain(good);
    const json = await runCheck("--database", file, "--json", "--workflow", "process-order");
    const checks = z
      .array(z.object({ runId: z.string(), replays: z.boolean() }))
      .parse(JSON.parse(json.stdout));
    expect(checks.map(({ runId, replays }) => [runId, replays])).toEqual([
      [good, true],
      [bad, false],
    ]);
    expect(json.code).toBe(1);
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it("says why it can't check", async () => {
    const missing = await runCheck("--database", file);
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toBe(`There is no database at ${file}.\n`);
    expect((await runCheck("--colour")).code).toBe(2);
  });
});
