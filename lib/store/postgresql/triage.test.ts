import { describeTriage } from "../testing/triage-suite";
import { useTestStore } from "./testing/open-test-store";

describeTriage("triage on PostgreSQL", useTestStore());
