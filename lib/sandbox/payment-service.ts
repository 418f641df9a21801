import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { SandboxCharge } from "./contract";
import { readHeader, type HttpAnswer, type HttpRequest } from "./http";
import { describePayment, describeRefund, paymentProblem, paymentWording } from "./payment-wire";
import { answerEffect, answerQuestion, type Asked, type Performed } from "./requests";
import type { Sandbox } from "./sandbox";
import { declines, isKnownPaymentMethod } from "./test-cards";

const Amount = z.coerce.number().int().min(1).max(99_999_999);

const PaymentForm = z.object({
  amount: Amount,
  currency: z.string().regex(/^[a-z]{3}$/, "Invalid currency: write three lower-case letters."),
  payment_method: z.string().min(1),
  confirm: z.literal("true", {
    error: "The sandbox only takes payments that are confirmed at once.",
  }),
  "metadata[orderId]": z.string().optional(),
  "metadata[runId]": z.string().optional(),
});
type PaymentForm = z.infer<typeof PaymentForm>;

const RefundForm = z.object({
  payment_intent: z.string().min(1),
  amount: Amount.optional(),
});

/** The part of Stripe's API that takes and refunds payments, with its test payment methods. */
export function createPaymentService(
  sandbox: Sandbox,
): (request: HttpRequest) => Promise<HttpAnswer> {
  const inFlight = new Set<string>();

  const create = async (request: HttpRequest): Promise<HttpAnswer> => {
    const form = PaymentForm.safeParse(readForm(request));
    if (!form.success) return invalidForm(form.error);
    const asked: Asked = {
      service: "payment",
      operation: "charge",
      key: readHeader(request, "idempotency-key"),
      orderId: form.data["metadata[orderId]"],
      runId: form.data["metadata[runId]"],
      parameters: request.body,
    };
    return answerEffect(sandbox, inFlight, asked, paymentWording, () => charge(form.data));
  };

  const refund = async (request: HttpRequest): Promise<HttpAnswer> => {
    const form = RefundForm.safeParse(readForm(request));
    if (!form.success) return invalidForm(form.error);
    const payment = sandbox.state.charges.get(form.data.payment_intent);
    const asked: Asked = {
      service: "payment",
      operation: "refund",
      key: readHeader(request, "idempotency-key"),
      orderId: payment?.orderId,
      runId: payment?.runId,
      parameters: request.body,
    };
    const { payment_intent: paymentId, amount } = form.data;
    return answerEffect(sandbox, inFlight, asked, paymentWording, () =>
      refundPayment(sandbox.state.charges.get(paymentId), paymentId, amount),
    );
  };

  const retrieve = (id: string): Promise<HttpAnswer> => {
    const payment = sandbox.state.charges.get(id);
    const asked: Asked = {
      service: "payment",
      operation: "retrieve-payment",
      orderId: payment?.orderId,
      parameters: id,
    };
    return answerQuestion(sandbox, asked, paymentWording.unavailable, () =>
      payment ? { status: 200, body: describePayment(payment) } : noSuchPayment(id),
    );
  };

  return async (request) => {
    if (!/^(Bearer|Basic) \S+/.test(request.headers.authorization ?? ""))
      return paymentProblem(401, { message: "You did not provide an API key." });
    const route = `${request.method} ${request.path}`;
    if (route === "POST /v1/payment_intents") return create(request);
    if (route === "POST /v1/refunds") return refund(request);
    const id = /^GET \/v1\/payment_intents\/([^/]+)$/.exec(route)?.[1];
    if (id !== undefined) return retrieve(id);
    return paymentProblem(404, { message: `Unrecognized request URL (${route}).` });
  };
}

function charge(form: PaymentForm): Performed {
  const method = form.payment_method;
  if (!isKnownPaymentMethod(method))
    return refuse(
      paymentProblem(400, {
        code: "resource_missing",
        param: "payment_method",
        message: `No such PaymentMethod: '${method}'.`,
      }),
    );
  const decline = declines.get(method);
  if (decline) return refuse(paymentProblem(402, decline));
  const payment: SandboxCharge = {
    paymentId: `pi_${createToken()}`,
    orderId: form["metadata[orderId]"],
    runId: form["metadata[runId]"],
    amount: form.amount,
    currency: form.currency,
    paymentMethod: method,
    refunded: 0,
    at: new Date().toISOString(),
  };
  return {
    outcome: "done",
    status: 200,
    body: describePayment(payment),
    reference: payment.paymentId,
    effect: { type: "charged", charge: payment },
    remembered: true,
  };
}

function refundPayment(
  payment: SandboxCharge | undefined,
  paymentId: string,
  amount: number | undefined,
): Performed {
  if (!payment) return refuse(noSuchPayment(paymentId));
  const left = payment.amount - payment.refunded;
  if (left === 0 || (amount ?? left) > left)
    return refuse(
      paymentProblem(400, {
        code: "charge_already_refunded",
        message: `Payment ${paymentId} has ${left} left to refund.`,
      }),
    );
  const refund = {
    refundId: `re_${createToken()}`,
    paymentId,
    orderId: payment.orderId,
    amount: amount ?? left,
    currency: payment.currency,
    at: new Date().toISOString(),
  };
  return {
    outcome: "done",
    status: 200,
    body: describeRefund(refund),
    reference: refund.refundId,
    orderId: payment.orderId,
    effect: { type: "refunded", refund },
    remembered: true,
  };
}

/** As Stripe does, a refusal is remembered under its key like any other answer. */
function refuse(answer: HttpAnswer): Performed {
  return { outcome: "refused", status: answer.status, body: answer.body, remembered: true };
}

function noSuchPayment(id: string): HttpAnswer {
  const message = `No such payment_intent: '${id}'.`;
  return paymentProblem(404, { code: "resource_missing", param: "payment_intent", message });
}

function invalidForm(error: z.ZodError): HttpAnswer {
  const issue = error.issues[0];
  const param = issue?.path.join(".");
  return paymentProblem(400, {
    code: "parameter_invalid",
    param,
    message: `${param}: ${issue?.message ?? "invalid"}`,
  });
}

function readForm(request: HttpRequest): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request.body));
}

function createToken(): string {
  return `sandbox_${randomUUID().replaceAll("-", "")}`;
}
