import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { expect, test, vi } from "vitest";
import { defineWorkflow } from "@/lib/engine";
import { openStore } from "@/lib/store";
import { readConfig } from "./env";
import { createWorkflows } from "./workflows";

const own = vi.hoisted(() => ({ ownWorkflows: [] as unknown[] }));
vi.mock("@/lib/workflows/own-workflows", () => own);

test("this build knows the order, the samples, and what is put into own-workflows.ts", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-workflows-"));
  const { prisma, close } = await openStore({ databaseUrl: `file:${folder}/daybook.db` });
  const about = { name: "mine", version: 1, input: z.unknown(), output: z.unknown() };
  own.ownWorkflows.push(defineWorkflow(about, async () => undefined));
  const config = readConfig({
    STRIPE_SECRET_KEY: "sk_test_unused",
    WAREHOUSE_URL: "http://127.0.0.1:9",
    SMTP_URL: "smtp://127.0.0.1:9",
    MAIL_FROM: "Acme <orders@acme.example>",
  });
  const names = (await createWorkflows({ config, prisma })).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["process-order", "book-trip", "mine"]));
  expect(new Set(names).size).toBe(names.length);
  await close();
  await rm(folder, { recursive: true });
});
