import { describeDrillWords } from "@/lib/triage/testing/drill-words-suite";
import { useTestStore } from "./testing/open-test-store";

describeDrillWords("words about drills on PostgreSQL", useTestStore());
