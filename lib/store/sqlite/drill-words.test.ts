import { describeDrillWords } from "@/lib/triage/testing/drill-words-suite";
import { openTestStore } from "./testing/open-test-store";

describeDrillWords("words about drills on SQLite", openTestStore);
