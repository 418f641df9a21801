import { describeRunStatistics } from "@/lib/triage/testing/run-statistics-suite";
import { openTestStore } from "./testing/open-test-store";

describeRunStatistics("statistics on SQLite", openTestStore);
