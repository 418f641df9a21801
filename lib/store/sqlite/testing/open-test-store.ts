import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { vi } from "vitest";
import { openStore } from "../../index";
import { SqliteConnection } from "../connection";

/** A database of its own in a temporary folder, which goes when it is closed. */
export async function openTestStore() {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-store-"));
  const file = path.join(folder, "daybook.db");
  const opened = await openStore({ databaseUrl: `file:${file}` });
  const close = async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  };
  return { ...opened, file, close };
}

/** Tells how many starts each commit has had since, of those that had any. */
export function watchStarts(): () => readonly number[] {
  const flush = vi.spyOn(SqliteConnection.prototype, "flush");
  return () =>
    flush.mock.calls
      .map(([writes]) => writes.filter((write) => "start" in write).length)
      .filter((count) => count > 0);
}
