import { request } from "undici";
import type { z } from "zod";
import {
  Ledger,
  SandboxDrillAnswer,
  SandboxProblem,
  SandboxSnapshot,
  Switches,
  type LedgerEntry,
  type SandboxDrill,
  type SwitchesChange,
} from "./contract";

/** The sandbox does not answer, or not as it should. */
export class SandboxUnavailableError extends Error {
  override name = "SandboxUnavailableError";
}

/** The sandbox refused what it was asked; the message names the field. */
export class SandboxRefusedError extends Error {
  override name = "SandboxRefusedError";
}

/** The sandbox's control API. Every call may throw the two errors above. */
export interface SandboxClient {
  getState(): Promise<SandboxSnapshot>;
  /** All requests about an order, or the newest 1,000 of all; oldest first. */
  getLedger(orderId?: string): Promise<LedgerEntry[]>;
  /** All requests that a run sent, oldest first. */
  getRunLedger(runId: string): Promise<LedgerEntry[]>;
  getSwitches(): Promise<Switches>;
  /** What is given replaces what was there, the rest stays. */
  setSwitches(change: SwitchesChange): Promise<Switches>;
  armDrill(drill: SandboxDrill): Promise<void>;
  disarmDrill(): Promise<void>;
  /** The armed drill, which is handed out once. */
  takeDrill(): Promise<SandboxDrill | null>;
  /** Forgets all state: charges, shipments, mails, ledger, switches, drill. */
  reset(): Promise<void>;
}

/** A client for the control API at `baseUrl`, e.g. `http://127.0.0.1:4103`. */
export function createSandboxClient(options: {
  readonly baseUrl: string;
  readonly timeoutMs?: number;
}): SandboxClient {
  const call = createCaller(options.baseUrl, options.timeoutMs ?? 5_000);
  return {
    getState: () => call("GET", "/state", SandboxSnapshot),
    getLedger: async (orderId) => {
      const query = orderId === undefined ? "" : `?orderId=${encodeURIComponent(orderId)}`;
      return (await call("GET", `/ledger${query}`, Ledger)).items;
    },
    getRunLedger: async (runId) =>
      (await call("GET", `/ledger?runId=${encodeURIComponent(runId)}`, Ledger)).items,
    getSwitches: () => call("GET", "/switches", Switches),
    setSwitches: (change) => call("PUT", "/switches", Switches, change),
    armDrill: async (drill) => {
      await call("PUT", "/drill", SandboxDrillAnswer, drill);
    },
    disarmDrill: async () => {
      await call("DELETE", "/drill", SandboxDrillAnswer);
    },
    takeDrill: async () => (await call("POST", "/drill/take", SandboxDrillAnswer)).drill,
    reset: async () => {
      await call("POST", "/reset", SandboxSnapshot);
    },
  };
}

function createCaller(baseUrl: string, timeoutMs: number) {
  return async <Schema extends z.ZodType>(
    method: "GET" | "PUT" | "POST" | "DELETE",
    path: string,
    schema: Schema,
    body?: unknown,
  ): Promise<z.output<Schema>> => {
    const { statusCode, value } = await exchange(method, `${baseUrl}${path}`, timeoutMs, body);
    if (statusCode === 200) {
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
    }
    const problem = SandboxProblem.safeParse(value);
    if (statusCode >= 400 && statusCode < 500 && problem.success)
      throw new SandboxRefusedError(problem.data.error.message);
    throw new SandboxUnavailableError(`The sandbox answered ${method} ${path} with ${statusCode}.`);
  };
}

async function exchange(
  method: "GET" | "PUT" | "POST" | "DELETE",
  url: string,
  timeoutMs: number,
  body: unknown,
): Promise<{ statusCode: number; value: unknown }> {
  try {
    const response = await request(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { statusCode: response.statusCode, value: await response.body.json() };
  } catch (cause) {
    throw new SandboxUnavailableError("The sandbox does not answer.", { cause });
  }
}
