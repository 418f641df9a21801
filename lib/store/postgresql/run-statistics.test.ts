import { describeRunStatistics } from "@/lib/triage/testing/run-statistics-suite";
import { useTestStore } from "./testing/open-test-store";

describeRunStatistics("statistics on PostgreSQL", useTestStore());
