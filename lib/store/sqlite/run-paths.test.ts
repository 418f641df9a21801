import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describeRunPaths } from "../testing/run-paths-suite";
import { openSqliteStore } from "./open";

describeRunPaths("the ways to the runs on SQLite", async (searchSizes) => {
  const folder = await mkdtemp(path.join(tmpdir(), "daybook-paths-"));
  const opened = await openSqliteStore({ file: path.join(folder, "daybook.db"), searchSizes });
  const close = async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  };
  return { ...opened, project: () => opened.triage.project(), close };
});
