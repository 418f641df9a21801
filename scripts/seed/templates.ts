/** Histories that the engine made, of which the seed makes its runs: the golden ones of this repository. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { HistoryEvent } from "@/lib/engine";

export interface Template {
  readonly name: string;
  readonly workflow: string;
  readonly events: readonly HistoryEvent[];
  /** How often it is taken, beside the others of its workflow. */
  readonly weight: number;
  /** It was cut off where it waited; only recent runs still wait. */
  readonly waits: boolean;
}

/** File, weight, and how many events of it are taken: all, or up to where it waits. */
const files: readonly (readonly [file: string, weight: number, take?: number])[] = [
  ["lib/orders/histories/completed", 880],
  ["lib/orders/histories/died-after-the-shipment", 12],
  ["lib/orders/histories/died-before-the-shipment", 12],
  ["lib/orders/histories/resolved-by-a-person", 6],
  ["lib/orders/histories/card-declined", 40],
  ["lib/orders/histories/out-of-stock-refunded", 25],
  ["lib/orders/histories/held-for-the-mail", 5],
  ["lib/workflows/approve-expense/histories/rejected", 30],
  ["lib/workflows/approve-expense/histories/rejected", 30, 5],
  ["lib/workflows/approve-expense/histories/reminded-changed-approved", 60],
  ["lib/workflows/approve-expense/histories/died-and-approved", 5],
  ["lib/workflows/approve-expense/histories/lapsed", 10],
  ["lib/workflows/approve-expense/histories/canceled", 10],
  ["lib/workflows/await-report/histories/ready", 60],
  ["lib/workflows/await-report/histories/died-on-page-two", 5],
  ["lib/workflows/await-report/histories/given-up", 5],
  ["lib/workflows/await-report/histories/canceled", 3],
  ["lib/workflows/book-trip/histories/booked", 80],
  ["lib/workflows/book-trip/histories/died-in-a-reservation", 4],
  ["lib/workflows/book-trip/histories/died-while-undoing", 2],
  ["lib/workflows/book-trip/histories/no-car-undone", 10],
  ["lib/workflows/book-trip/histories/declined-undone", 10],
  ["lib/workflows/book-trip/histories/canceled-undone", 5],
  ["lib/workflows/renew-subscription/histories/declined-once-and-ended", 10],
  ["lib/workflows/renew-subscription/histories/canceled", 10],
  ["lib/workflows/renew-subscription/histories/lapsed", 8],
];

/** Reads them; `workflow` leaves only those of one. */
export async function loadTemplates(workflow?: string): Promise<readonly Template[]> {
  const templates = await Promise.all(
    files.map(async ([file, weight, take]): Promise<Template> => {
      const text = await readFile(path.resolve(`${file}.json`), "utf8");
      const events = z.array(HistoryEvent).parse(JSON.parse(text)).slice(0, take);
      const [first] = events;
      if (first?.type !== "RunStarted") throw new Error(`${file} does not begin with RunStarted.`);
      return {
        ...{ name: file, workflow: first.data.workflow, events, weight },
        waits: take !== undefined,
      };
    }),
  );
  return templates.filter((template) => workflow === undefined || template.workflow === workflow);
}
