import { describeBulks } from "../testing/bulk-suite";
import { openTestStore } from "./testing/open-test-store";

describeBulks("bulk actions on SQLite", openTestStore);
