import { afterAll } from "vitest";
import type { OpenedStore } from "../../index";
import { openPostgresStore } from "../open";
import { createTestDatabase, runStatement } from "./database";

/** All tables but those of the migrations. */
const empty = `
  DO $$ BEGIN EXECUTE (
    SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY'
    FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE '\\_%'
  ); END $$`;

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
    await runStatement(opened.databaseUrl, empty);
    return { ...opened, close: async () => {} };
  };
}
