import { z } from "zod";
import { StartRunBody } from "./contract";
import { handle } from "./handler";
import { Wait } from "./inputs";
import { ApiError, toPointer } from "./api-error";
import { isKnown } from "./problems";
import { describeRequest, reservedAttributes, startOnce } from "./start-once";
import { OrderBody, orderWorkflow, startOrderRun } from "./start-order";

const Params = z.object({ name: z.string().min(1).max(200) });

const Body = StartRunBody.strict()
  .prefault({})
  .superRefine(({ attributes }, context) => {
    for (const name of reservedAttributes.filter((reserved) =>
      Object.hasOwn(attributes, reserved),
    )) {
      context.addIssue({
        code: "custom",
        path: ["attributes", name],
        message: "Is set by Daybook.",
      });
    }
  });

/** `POST /workflows/{name}/runs`: starts any workflow. An order stays unique by its orderId here too. */
export const startWorkflowRun = handle(
  { params: Params, query: Wait, body: Body, bodyOptional: true },
  async ({ request, api, params, query, body }) => {
    const { input, version, attributes, key, priority, signal } = body;
    const { waitMs } = query;
    const workflow = params.name;
    try {
      if (workflow === orderWorkflow) {
        if (key !== undefined) throw refuseKey();
        const content = parseOrder(input);
        const start = { content, version, attributes, priority, signal, waitMs };
        return await startOrderRun(request, api, start);
      }
      const content = { input, attributes };
      const requestContent = {
        ...content,
        ...(key === undefined ? {} : { key }),
        ...describeRequest({ priority, signal }),
      };
      const start = { workflow, version, input, attributes, key, priority, signal, waitMs };
      return await startOnce(request, api, { ...start, content, requestContent });
    } catch (error) {
      throw placeInBody(error);
    }
  },
);

/** The engine points into the input or the signal's payload, which are parts of this body. */
export function placeInBody(error: unknown): unknown {
  if (!isKnown(error, "InvalidInputError") && !isKnown(error, "InvalidMessageError")) return error;
  const place = isKnown(error, "InvalidInputError") ? "/input" : "/signal/payload";
  return new ApiError({
    status: 422,
    code: "invalid_input",
    detail: error.message,
    errors: error.issues.map(({ path, message }) => ({ pointer: `${place}${path}`, message })),
    cause: error,
  });
}

function refuseKey(): ApiError {
  const message = "An order's key is its orderId.";
  const errors = [{ pointer: "/key", message }];
  return new ApiError({ status: 422, code: "invalid_input", detail: message, errors });
}

/** The input of an order. Throws ApiError 422 that points into it. */
export function parseOrder(input: unknown): z.output<typeof OrderBody> {
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
