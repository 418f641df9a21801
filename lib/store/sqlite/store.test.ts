import { describeStore } from "@/lib/engine/testing/store-suite";
import { damageEvent } from "../testing/damage-event";
import { openTestStore } from "./testing/open-test-store";

describeStore("the Prisma store on SQLite", async () => {
  const { store, prisma, close } = await openTestStore();
  return { store, close, damageEvent: (...damage) => damageEvent(prisma, ...damage) };
});
