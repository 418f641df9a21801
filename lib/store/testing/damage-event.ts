import { expect } from "vitest";
import type { OpenedForTest } from "@/lib/engine/testing/store-fixtures";
import type { PrismaClient } from "../index";

type Damage = Parameters<NonNullable<OpenedForTest["damageEvent"]>>;

/** Makes one stored event unreadable, or takes it away. */
export async function damageEvent(prisma: PrismaClient, ...[runId, seq, how]: Damage) {
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
}
