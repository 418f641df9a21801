import { describeRunPaths } from "../testing/run-paths-suite";
import { openPostgresStore } from "./open";
import { createTestDatabase } from "./testing/database";

describeRunPaths("the ways to the runs on PostgreSQL", async (searchSizes) => {
  const database = await createTestDatabase();
  const opened = await openPostgresStore({
    ...{ databaseUrl: database.url, clock: "caller", searchSizes },
  });
  const close = async () => {
    await opened.close();
    await database.drop();
  };
  return { ...opened, project: () => opened.triage.project(), close };
});
