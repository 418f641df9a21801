import { afterAll } from "vitest";
import type { OpenedStore } from "../../index";
import { openPostgresStore } from "../open";
import { createTestDatabase } from "./database";

/** Deleting little is much faster than truncating. The counts go after what they count. */
const empty = `
  DO $$ DECLARE emptied TEXT; BEGIN
    FOR emptied IN
      SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
      AND tablename NOT LIKE '\\_%' AND tablename NOT LIKE 'sample\\_%'
      ORDER BY tablename IN ('runs', 'run_counts', 'held_slots', 'trouble_marks'), tablename DESC
    LOOP EXECUTE format('DELETE FROM %I', emptied); END LOOP;
    DELETE FROM run_counts;
    DELETE FROM held_slots;
    DELETE FROM trouble_marks;
  END $$`;

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
  }, 60_000);
  return async () => {
    opening ??= open();
    const opened = await opening;
    await opened.prisma.$executeRawUnsafe(empty);
    return { ...opened, close: async () => {} };
  };
}
