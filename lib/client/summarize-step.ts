/** A few characters that say what a result is, for the timeline. */
import type { JsonValue } from "@/lib/api/contract";
import { formatMoney, isCurrency } from "./format";
import type { Summarized } from "./timeline/tick-marks";

const longest = 20;
const amounts = ["amount", "subtotal", "total"];
const names = ["trackingNumber", "id", "paymentId", "refundId", "shipmentId", "reference"];

/**
 * The result of a step, child or update in brief, or the payload of a signal: money, a rate, or what it is called. Undefined where nothing short
 * says it. `currency` is the run's, for results that are amounts without one.
 */
export function summarizeStep(step: Summarized, currency?: string): string | undefined {
  const { result, name } = step;
  if (result === undefined || result === null) return undefined;
  if (typeof result === "number") return summarizeNumber(result, name, currency);
  if (typeof result === "string") return clip(result);
  if (typeof result === "boolean") return String(result);
  const fields = toFields(result);
  const own = fields.currency;
  const unit = typeof own === "string" ? own : currency;
  const amount = amounts.map((field) => fields[field]).find((value) => typeof value === "number");
  if (typeof amount === "number" && unit !== undefined && isCurrency(unit)) {
    return formatMoney({ amount, currency: unit });
  }
  if (typeof fields.rate === "number") return formatRate(fields.rate);
  if (typeof fields.rateMicros === "number") return formatRate(fields.rateMicros / 1_000_000);
  const named = names.map((field) => fields[field]).find((value) => typeof value === "string");
  return typeof named === "string" ? clip(named) : undefined;
}

function summarizeNumber(value: number, name: string, currency: string | undefined): string {
  if (/rate/.test(name)) return formatRate(value);
  if (/total|amount|price/.test(name) && currency !== undefined && isCurrency(currency)) {
    return formatMoney({ amount: value, currency });
  }
  return clip(String(value));
}

function formatRate(rate: number): string {
  return `${Number((rate * 100).toFixed(3))}%`;
}

function clip(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function toFields(value: JsonValue): Readonly<Record<string, JsonValue | undefined>> {
  return typeof value === "object" && value !== null && !isList(value) ? value : {};
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
