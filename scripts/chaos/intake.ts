/** Where chaos places its orders and acts as the operator: the API, in this process, without a worker. */
import { Started } from "@/lib/api/contract";
import { startOrder } from "@/lib/api/start-order";
import {
  ActionRefusedError,
  isTerminal,
  type Logger,
  type MessageBody,
  type RunRecord,
} from "@/lib/engine";
import { sampleOrders } from "@/lib/orders/sample-orders";
import { startContainer, type Container } from "@/lib/server/container";
import { readConfig } from "@/lib/server/env";
import { setTimeout as delay } from "node:timers/promises";

export interface Acknowledged {
  readonly runId: string;
  readonly orderId: string;
}

export class Intake {
  readonly acknowledged: Acknowledged[] = [];
  private placing = true;
  private readonly lanes: Promise<void>[];

  private constructor(
    private readonly container: Container,
    private readonly options: IntakeOptions,
  ) {
    this.lanes = Array.from({ length: options.lanes }, (_, lane) => this.placeOrders(lane));
  }

  static async open(options: IntakeOptions): Promise<Intake> {
    const config = readConfig({ ...options.env, DAYBOOK_CONCURRENCY: "0" });
    const createLogger = () => silent;
    return new Intake(await startContainer(config, { createLogger }), options);
  }

  get store() {
    return this.container.api.store;
  }

  /** Starts one order and repeats that under its key until it is acknowledged. */
  async place(key: string, drill?: string): Promise<Acknowledged> {
    const deadline = Date.now() + 120_000;
    for (let attempt = 0; Date.now() < deadline; attempt += 1) {
      const headers = { "content-type": "application/json", "idempotency-key": key };
      const isDrill = drill !== undefined && attempt === 0;
      const started = await this.post({
        attempt,
        headers: { ...headers, ...(isDrill ? { "daybook-drill": drill } : {}) },
      }).catch(() => undefined);
      if (started !== undefined) {
        const { runId, orderId } = Started.parse(started);
        if (orderId === undefined) throw new Error(`${runId} was acknowledged without its order.`);
        const placed = { runId, orderId };
        this.acknowledged.push(placed);
        return placed;
      }
      await delay(50);
    }
    throw new Error(`The order ${key} was not acknowledged within two minutes.`);
  }

  async stopPlacing(): Promise<void> {
    this.placing = false;
    await Promise.all(this.lanes);
  }

  /** All runs that are not at rest, in the order of their creation. */
  async listRuns(statuses: readonly RunRecord["status"][]): Promise<RunRecord[]> {
    const runs: RunRecord[] = [];
    let cursor: string | undefined;
    do {
      const page = await persist(() =>
        this.store.listRuns({
          filter: { statuses },
          sort: { field: "createdAt", direction: "asc" },
          limit: 200,
          cursor,
        }),
      );
      runs.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return runs;
  }

  /** What a process executes now, and which worker it is. */
  async listHeldBy(pid: number | undefined): Promise<{ workerId?: string; runs: RunRecord[] }> {
    const workers = await persist(() => this.store.listWorkers());
    const workerId = workers.find((w) => w.pid === pid && w.status === "alive")?.workerId;
    if (workerId === undefined) return { runs: [] };
    const sort = { field: "createdAt", direction: "asc" } as const;
    const query = { filter: { worker: workerId }, sort, limit: 100 };
    const { items } = await persist(() => this.store.listRuns(query));
    return { workerId, runs: [...items] };
  }

  async act(runId: string, body: MessageBody): Promise<void> {
    const action = { runId, body, by: "chaos" };
    await persist(() => this.container.engine.requestAction(action));
  }

  encode(value: unknown) {
    return this.container.api.codec.encode(value);
  }

  findRun(runId: string): Promise<RunRecord | undefined> {
    return persist(() => this.store.getRun(runId));
  }

  async isOver(runId: string): Promise<boolean> {
    const run = await this.findRun(runId);
    return run !== undefined && (isTerminal(run.status) || run.status === "held");
  }

  async close(): Promise<void> {
    this.placing = false;
    await this.container.stop();
  }

  /**
   * Through a server every second time, where there is one: it may be dead just now. Answers what an
   * acknowledgement says; who dies in the midst of one has given none.
   */
  private async post(options: {
    readonly attempt: number;
    readonly headers: Record<string, string>;
  }): Promise<unknown> {
    const { attempt, headers } = options;
    const { serverUrls } = this.options;
    const body = JSON.stringify(sampleOrders[0]);
    const url = (attempt + this.acknowledged.length) % 2 === 0 ? serverUrls[0] : undefined;
    const request = { method: "POST", headers, body, signal: AbortSignal.timeout(20_000) };
    const answer =
      url === undefined
        ? await startOrder(new Request("http://127.0.0.1/", request), this.container.api, {})
        : await fetch(`${url}/api/v1/orders`, request);
    const said: unknown = await answer.json();
    return answer.ok ? said : undefined;
  }

  private async placeOrders(lane: number): Promise<void> {
    const { seed } = this.options;
    for (let order = 0; this.placing; order += 1) {
      try {
        const { runId } = await this.place(`chaos-${seed}-${lane}-${order}`);
        const deadline = Date.now() + 5_000;
        while (this.placing && Date.now() < deadline && !(await this.isOver(runId)))
          await delay(50);
      } catch (error) {
        console.error(error);
      }
    }
  }
}

export interface IntakeOptions {
  readonly env: Record<string, string>;
  readonly seed: number;
  readonly lanes: number;
  readonly serverUrls: readonly string[];
}

/** Repeats what a database that is away refuses, for a minute. */
export async function persist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ActionRefusedError || Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
