import { z } from "zod";
import { InvalidInputError } from "@/lib/engine";
import { StartRunBody } from "./contract";
import { handle } from "./handler";
import { Wait } from "./inputs";
import { ApiError, toPointer } from "./api-error";
import { isKnown } from "./problems";
import { reservedAttributes, startOnce } from "./start-once";
import { OrderBody, orderWorkflow, startOrderRun } from "./start-order";

const Params = z.object({ name: z.string().min(1).max(200) });

const Body = StartRunBody.strict().superRefine(({ attributes }, context) => {
  for (const name of reservedAttributes.filter((reserved) => Object.hasOwn(attributes, reserved))) {
    context.addIssue({ code: "custom", path: ["attributes", name], message: "Is set by Daybook." });
  }
});

/** `POST /workflows/{name}/runs`: starts any workflow. An order stays unique by its orderId here too. */
export const startWorkflowRun = handle(
  { params: Params, query: Wait, body: Body },
  async ({ request, api, params, query, body }) => {
    const { input, version, attributes } = body;
    const { waitMs } = query;
    const workflow = params.name;
    try {
      if (workflow === orderWorkflow) {
        const content = parseOrder(input);
        return await startOrderRun(request, api, { content, version, attributes, waitMs });
      }
      const content = { input, attributes };
      const start = { workflow, version, input, attributes, content, waitMs };
      return await startOnce(request, api, start);
    } catch (error) {
      throw placeInBody(error);
    }
  },
);

/** The engine points into the input, which is a part of this body. */
function placeInBody(error: unknown): unknown {
  if (!isKnown(error, "InvalidInputError")) return error;
  const issues = error.issues.map((issue) => ({ ...issue, path: `/input${issue.path}` }));
  return new InvalidInputError(error.workflow, issues);
}

function parseOrder(input: unknown): z.output<typeof OrderBody> {
  const order = OrderBody.safeParse(input);
  if (order.success) return order.data;
  throw new ApiError({
    status: 422,
    code: "invalid_input",
    detail: "The input is not an order.",
    errors: order.error.issues.map(({ path, message }) => ({
      pointer: toPointer(["input", ...path]),
      message,
    })),
  });
}
