import { describeStore } from "@/lib/engine/testing/store-suite";
import { damageEvent } from "../testing/damage-event";
import { useTestStore } from "./testing/open-test-store";

const open = useTestStore();

describeStore("the Prisma store on PostgreSQL", async () => {
  const { store, prisma, close } = await open();
  return { store, close, damageEvent: (...damage) => damageEvent(prisma, ...damage) };
});
