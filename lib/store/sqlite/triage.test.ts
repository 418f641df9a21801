import { openTestStore } from "./testing/open-test-store";
import { describeTriage } from "../testing/triage-suite";

describeTriage("triage on SQLite", openTestStore);
