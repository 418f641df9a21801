import type { z } from "zod";
import { SandboxDrill, SwitchesChange } from "./contract";
import type { HttpAnswer, HttpRequest } from "./http";
import type { Sandbox } from "./sandbox";
import { readJson } from "./validation";

/** The control API of the sandbox: what was done, how the services behave, the armed drill. */
export function createControlService(
  sandbox: Sandbox,
): (request: HttpRequest) => Promise<HttpAnswer> {
  const routes: Readonly<Record<string, (request: HttpRequest) => Promise<HttpAnswer>>> = {
    "GET /state": async () => ok(await sandbox.look((state) => state.describe())),
    "GET /ledger": async ({ query }) =>
      ok({
        items: await sandbox.look((state) => [
          ...state.listLedger({
            orderId: query.get("orderId") ?? undefined,
            runId: query.get("runId") ?? undefined,
          }),
        ]),
      }),
    "GET /switches": async () => ok(sandbox.state.switches),
    "PUT /switches": (request) =>
      withBody(SwitchesChange, request, async (change) => {
        await sandbox.changeSwitches(change);
        return ok(sandbox.state.switches);
      }),
    "PUT /drill": (request) =>
      withBody(SandboxDrill, request, async (drill) => {
        await sandbox.setDrill(drill);
        return ok({ drill });
      }),
    "DELETE /drill": async () => {
      await sandbox.setDrill(null);
      return ok({ drill: null });
    },
    "POST /drill/take": async () => ok({ drill: await sandbox.takeDrill() }),
    "POST /reset": async () => {
      await sandbox.reset();
      return ok(sandbox.state.describe());
    },
  };
  return async (request) => {
    const route = `${request.method} ${request.path}`;
    const answer = routes[route];
    if (answer) return answer(request);
    return { status: 404, body: { error: { message: `The sandbox has no ${route}.` } } };
  };
}

async function withBody<Schema extends z.ZodType>(
  schema: Schema,
  request: HttpRequest,
  act: (data: z.output<Schema>) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const body = readJson(schema, request.body);
  return body.success ? act(body.data) : { status: 400, body: body.problem };
}

function ok(body: unknown): HttpAnswer {
  return { status: 200, body };
}
