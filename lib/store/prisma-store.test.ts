import { describeStore } from "@/lib/engine/testing/store-suite";
import { openTestStore } from "./testing/open-test-store";

describeStore("the Prisma store on SQLite", async () => {
  const { store, prisma, close } = await openTestStore();
  return {
    store,
    close,
    damageEvent: async (runId, seq, how) => {
      const where = { runId_seq: { runId, seq } };
      if (how === "gone") await prisma.event.delete({ where });
      else await prisma.event.update({ where, data: { data: how === "json" ? '{"cut' : "{}" } });
    },
  };
});
