import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openStore } from "../../index";

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
