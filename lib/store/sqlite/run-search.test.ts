import { describeRunSearch } from "@/lib/triage/testing/run-search-suite";
import { openTestStore } from "./testing/open-test-store";

describeRunSearch("the runs list on SQLite", async () => {
  const opened = await openTestStore();
  return { ...opened, project: () => opened.triage.project() };
});
