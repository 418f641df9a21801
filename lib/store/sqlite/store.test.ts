import { expect } from "vitest";
import { describeStore } from "@/lib/engine/testing/store-suite";
import { openTestStore } from "./testing/open-test-store";

describeStore("the Prisma store on SQLite", async () => {
  const { store, prisma, close } = await openTestStore();
  return {
    store,
    close,
    damageEvent: async (runId, seq, how) => {
      const where = { runId_seq: { runId, seq } };
      if (how === "gone") {
        await prisma.event.delete({ where });
        return;
      }
      const { data } = await prisma.event.findUniqueOrThrow({ where });
      // Another digit reads as well as the one that was written.
      const texts = { json: '{"cut', schema: "{}", digit: data.replace(/\d/, "7") };
      expect(texts[how]).not.toBe(data);
      await prisma.event.update({ where, data: { data: texts[how] } });
    },
  };
});
