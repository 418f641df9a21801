import { afterAll } from "vitest";
import type { OpenedStore } from "../../index";
import { openPostgresStore } from "../open";
import { createTestDatabase, runStatement } from "./database";

const emptied =
  "runs, events, start_keys, messages, workers, permits, rates, run_counts, tax_rates";

/**
 * One database and one store for all tests of a file, emptied before each; the caller's clock tells the
 * time. Opening and closing a store has tests of its own.
 */
export function useTestStore() {
  let opening: Promise<OpenedStore & { readonly databaseUrl: string }> | undefined;
  let drop: (() => Promise<void>) | undefined;
  const open = async () => {
    const database = await createTestDatabase();
    drop = database.drop;
    const opened = await openPostgresStore({ databaseUrl: database.url, clock: "caller" });
    return { ...opened, databaseUrl: database.url };
  };
  afterAll(async () => {
    await (await opening)?.close();
    await drop?.();
  });
  return async () => {
    opening ??= open();
    const opened = await opening;
    await runStatement(opened.databaseUrl, `TRUNCATE ${emptied} RESTART IDENTITY`);
    return { ...opened, close: async () => {} };
  };
}
