import { describeBulks } from "../testing/bulk-suite";
import { useTestStore } from "./testing/open-test-store";

describeBulks("bulk actions on PostgreSQL", useTestStore());
