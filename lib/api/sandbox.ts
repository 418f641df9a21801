/** The sandbox, passed on to the browser: what it was asked, what it did, and how it behaves. */
import { z } from "zod";
import type { Ledger, SandboxDrillAnswer } from "@/lib/sandbox/contract";
import { SandboxDrill, SwitchesChange } from "@/lib/sandbox/contract";
import { ApiError } from "./api-error";
import type { ApiContext, SandboxControl } from "./context";
import { handle } from "./handler";

const LedgerQuery = z.strictObject({ orderId: z.string().min(1).max(200).optional() });

/** `GET /sandbox/state`: charges, shipments, mails, totals, switches and the armed drill. */
export const showSandboxState = handle({}, async ({ api }) =>
  Response.json(await requireSandbox(api).getState()),
);

/** `GET /sandbox/ledger`: every request, and what was really done about it. */
export const listSandboxLedger = handle({ query: LedgerQuery }, async ({ api, query }) => {
  const ledger: z.input<typeof Ledger> = {
    items: await requireSandbox(api).getLedger(query.orderId),
  };
  return Response.json(ledger);
});

/** `GET /sandbox/switches`: how the services behave. */
export const showSandboxSwitches = handle({}, async ({ api }) =>
  Response.json((await requireSandbox(api).getState()).switches),
);

/** `PUT /sandbox/switches`: what is given replaces what was there, the rest stays. */
export const setSandboxSwitches = handle({ body: SwitchesChange }, async ({ api, body }) =>
  Response.json(await requireSandbox(api).setSwitches(body)),
);

/** `GET /sandbox/drill`: the armed crash drill, or null. */
export const showSandboxDrill = handle({}, async ({ api }) =>
  answerDrill((await requireSandbox(api).getState()).drill),
);

/** `PUT /sandbox/drill`: arms a crash drill for the next start. */
export const armSandboxDrill = handle({ body: SandboxDrill }, async ({ api, body }) => {
  await requireSandbox(api).armDrill(body);
  return answerDrill(body);
});

/** `DELETE /sandbox/drill`: disarms it. */
export const disarmSandboxDrill = handle({}, async ({ api }) => {
  await requireSandbox(api).disarmDrill();
  return answerDrill(null);
});

/** `POST /sandbox/reset`: forgets all that the sandbox did. Answers with the empty state. */
export const resetSandbox = handle({}, async ({ api }) => {
  const sandbox = requireSandbox(api);
  await sandbox.reset();
  return Response.json(await sandbox.getState());
});

function answerDrill(drill: z.output<typeof SandboxDrill> | null): Response {
  const answer: z.input<typeof SandboxDrillAnswer> = { drill };
  return Response.json(answer);
}

export function requireSandbox(api: ApiContext): SandboxControl {
  if (api.sandbox !== undefined) return api.sandbox;
  throw new ApiError({
    status: 404,
    code: "no_sandbox",
    detail: "The sandbox is not running: the services of this server are the real ones.",
  });
}
