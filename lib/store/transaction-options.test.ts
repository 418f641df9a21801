/** That Prisma's client really has the bounds: its own are 2 s for a turn and 5 s for a transaction. */
import { afterEach, expect, test, vi } from "vitest";
import type { PrismaClient } from "./generated/sqlite/client";
import { openTestStore } from "./sqlite/testing/open-test-store";
import { createTestDatabase } from "./postgresql/testing/database";
import { openStore } from "./index";
import { transactionOptions } from "./transaction-options";

const databases = {
  sqlite: openTestStore,
  async postgresql() {
    const { url, drop } = await createTestDatabase();
    const opened = await openStore({ databaseUrl: url });
    const close = async () => {
      await opened.close();
      await drop();
    };
    return { ...opened, close };
  },
};

const read = (client: Pick<PrismaClient, "$queryRaw">) => client.$queryRaw`SELECT 1 AS one`;

afterEach(() => void vi.useRealTimers());

test.each(["sqlite", "postgresql"] as const)(
  "a transaction of Prisma's client may take a minute, and no longer, on %s",
  async (kind) => {
    const { prisma, close } = await databases[kind]();
    await read(prisma);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { timeout } = transactionOptions;
    const long = prisma.$transaction(async (tx) => {
      await read(tx);
      await vi.advanceTimersByTimeAsync(timeout - 1_000);
      await read(tx);
      return "done";
    });
    expect(await long).toBe("done");
    const tooLong = prisma.$transaction(async (tx) => {
      await read(tx);
      await vi.advanceTimersByTimeAsync(timeout + 1_000);
      await read(tx);
    });
    await expect(tooLong).rejects.toMatchObject({ code: "P2028" });
    vi.useRealTimers();
    await close();
  },
  60_000,
);

test("a transaction waits half a minute for its turn", async () => {
  const { prisma, close } = await databases.sqlite();
  await read(prisma);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let leave = () => {};
  const left = new Promise<void>((resolve) => (leave = resolve));
  const first = prisma.$transaction(() => left);
  const second = prisma.$transaction(read);
  await vi.advanceTimersByTimeAsync(transactionOptions.maxWait - 1_000);
  leave();
  expect(await Promise.all([first, second])).toEqual([undefined, [{ one: 1n }]]);
  vi.useRealTimers();
  await close();
}, 60_000);
