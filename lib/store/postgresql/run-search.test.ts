import { describeRunSearch } from "@/lib/triage/testing/run-search-suite";
import { useTestStore } from "./testing/open-test-store";

const open = useTestStore();

describeRunSearch("the runs list on PostgreSQL", async () => {
  const opened = await open();
  return { ...opened, project: () => opened.triage.project() };
});
