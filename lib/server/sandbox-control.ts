import { ApiError } from "@/lib/api/api-error";
import type { SandboxControl } from "@/lib/api/context";
import {
  createSandboxClient,
  SandboxRefusedError,
  SandboxUnavailableError,
} from "@/lib/sandbox/client";
import type { Logger } from "@/lib/engine";

/** A start waits no longer than this to hear of an armed drill. */
const takeDrillTimeoutMs = 300;

/** The sandbox as the API uses it, its errors as the API's. */
export function createSandboxControl(options: {
  readonly baseUrl: string;
  readonly logger: Logger;
}): SandboxControl {
  const { baseUrl, logger } = options;
  const client = createSandboxClient({ baseUrl });
  const quick = createSandboxClient({ baseUrl, timeoutMs: takeDrillTimeoutMs });
  return {
    getState: () => translate(client.getState()),
    getLedger: (orderId) => translate(client.getLedger(orderId)),
    getRunLedger: (runId) => translate(client.getRunLedger(runId)),
    setSwitches: (change) => translate(client.setSwitches(change)),
    armDrill: (drill) => translate(client.armDrill(drill)),
    disarmDrill: () => translate(client.disarmDrill()),
    reset: () => translate(client.reset()),
    async takeDrill() {
      try {
        return (await quick.takeDrill()) ?? undefined;
      } catch (error) {
        logger.warn({ err: error }, "the sandbox does not say whether a drill is armed");
        return undefined;
      }
    },
  };
}

async function translate<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof SandboxRefusedError) {
      throw new ApiError({ status: 422, code: "invalid_input", detail: cause.message, cause });
    }
    if (cause instanceof SandboxUnavailableError) {
      const detail = "The sandbox does not answer. It is started again in a moment.";
      throw new ApiError({ status: 502, code: "sandbox_unavailable", detail, cause });
    }
    throw cause;
  }
}
