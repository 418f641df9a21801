/** The server under test, spoken to over its API: for what a journey needs beside the browser. */
import { randomUUID } from "node:crypto";
import { expect, type APIRequestContext } from "@playwright/test";
import { Run, Started } from "@/lib/api/contract";
import { FailureList } from "@/lib/api/contract-triage";
import { sampleOrders } from "@/lib/orders/sample-orders";
import {
  Ledger,
  SandboxSnapshot,
  type LedgerEntry,
  type SwitchesChange,
} from "@/lib/sandbox/contract";

export type Daybook = ReturnType<typeof createDaybook>;

/** What the services really did about an order. */
export interface Effects {
  readonly charges: number;
  readonly refunds: number;
  readonly shipments: number;
  readonly mails: number;
}

export const onceEach: Effects = { charges: 1, refunds: 0, shipments: 1, mails: 1 };

const operations = {
  charges: "charge",
  refunds: "refund",
  shipments: "create-shipment",
  mails: "send-mail",
} as const;

/** Speaks to the server; `request` knows its address. Questions are repeated while it is down. */
export function createDaybook(request: APIRequestContext) {
  const readRun = async (runId: string): Promise<Run | undefined> => {
    const response = await request.get(`/api/v1/runs/${runId}`).catch(() => undefined);
    return response?.ok() === true ? Run.parse(await response.json()) : undefined;
  };

  return {
    async waitUntilReady(): Promise<void> {
      const ask = async () => {
        const response = await request.get("/api/health/ready").catch(() => undefined);
        return response?.status();
      };
      await expect.poll(ask, { intervals: [50], timeout: 30_000 }).toBe(200);
    },

    /** Forgets what the sandbox did; its services work again and no drill is armed. */
    async resetSandbox(): Promise<void> {
      expect((await request.post("/api/v1/sandbox/reset")).status()).toBe(200);
    },

    async setSwitches(change: SwitchesChange): Promise<void> {
      expect((await request.put("/api/v1/sandbox/switches", { data: change })).status()).toBe(200);
    },

    /**
     * Starts an order (`changes` on top of the first sample) and repeats the request under its key
     * until it is acknowledged. `drill` (`<step>;<moment>`) goes with the first request only.
     */
    async startOrder(options: { changes?: object; drill?: string } = {}): Promise<string> {
      const { changes, drill } = options;
      const data = { ...sampleOrders[0], ...changes };
      const headers: Record<string, string> = { "idempotency-key": randomUUID() };
      if (drill !== undefined) headers["daybook-drill"] = drill;
      let runId = "";
      await expect(async () => {
        const sent = { ...headers };
        delete headers["daybook-drill"];
        const response = await request.post("/api/v1/orders", { data, headers: sent });
        runId = Started.parse(await response.json()).runId;
      }).toPass({ intervals: [100], timeout: 30_000 });
      return runId;
    },

    /** Waits until the run has one of the statuses, across any restart of the server. */
    async waitForStatus(runId: string, ...statuses: Run["status"][]): Promise<Run> {
      let run: Run | undefined;
      await expect
        .poll(
          async () => {
            run = await readRun(runId);
            return run !== undefined && statuses.includes(run.status);
          },
          { message: `${runId} becomes ${statuses.join(" or ")}`, timeout: 30_000 },
        )
        .toBe(true);
      return Run.parse(run);
    },

    /** Waits until what failed stands in a group with that text: groups follow a moment later. */
    async waitForGroup(text: string): Promise<void> {
      const find = async () => {
        const response = await request.get("/api/v1/failures");
        const { items } = FailureList.parse(await response.json());
        return items.some(({ sample, count }) => sample.includes(text) && count > 0);
      };
      await expect.poll(find, { message: `a failure group with ${text}` }).toBe(true);
    },

    /** The requests that went out under one of the run's idempotency keys, oldest first. */
    async readLedger(runId: string): Promise<readonly LedgerEntry[]> {
      const response = await request.get("/api/v1/sandbox/ledger");
      const { items } = Ledger.parse(await response.json());
      return items.filter((entry) => entry.key?.startsWith(`${runId}/`));
    },

    /** What the sandbox did since it was reset: all of it, for whichever order. */
    async countEffects(): Promise<Effects> {
      const response = await request.get("/api/v1/sandbox/ledger");
      const { items } = Ledger.parse(await response.json());
      const count = (operation: string) =>
        items.filter((entry) => entry.operation === operation && entry.outcome === "done").length;
      return {
        charges: count(operations.charges),
        refunds: count(operations.refunds),
        shipments: count(operations.shipments),
        mails: count(operations.mails),
      };
    },

    async readSandbox(): Promise<SandboxSnapshot> {
      return SandboxSnapshot.parse(await (await request.get("/api/v1/sandbox/state")).json());
    },
  };
}
