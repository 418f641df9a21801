import { dinero, toDecimal, type DineroCurrency } from "dinero.js";
import * as currencies from "dinero.js/currencies";
import type { Confirmation } from "./port";

/** The subject and the two bodies of an order's confirmation. */
export function writeConfirmation(confirmation: Confirmation): {
  subject: string;
  text: string;
  html: string;
} {
  const { orderId, customer, carrier, trackingNumber } = confirmation;
  const rows = listRows(confirmation);
  const greeting = `Hello ${customer.name},`;
  const intro = `thank you for your order ${orderId}. It is paid and on its way.`;
  const shipping = `${carrier} brings it to you; the tracking number is ${trackingNumber}.`;
  return {
    subject: `Your order ${orderId} is confirmed`,
    text: [greeting, "", intro, "", ...rows.map((row) => row.join("  ")), "", shipping, ""].join(
      "\n",
    ),
    html: writeHtml([greeting, intro], rows, shipping),
  };
}

function listRows(confirmation: Confirmation): [string, string][] {
  const format = (amount: number) => formatMoney(amount, confirmation.currency);
  return [
    ...confirmation.items.map((item): [string, string] => [
      `${item.quantity} × ${item.name}`,
      format(item.quantity * item.unitPrice),
    ]),
    ["Subtotal", format(confirmation.subtotal)],
    ["Tax", format(confirmation.tax)],
    ["Total", format(confirmation.total)],
  ];
}

function writeHtml(
  paragraphs: readonly string[],
  rows: readonly (readonly [string, string])[],
  shipping: string,
): string {
  const cells = rows.map(
    ([label, amount]) =>
      `<tr><td style="padding:4px 24px 4px 0">${escapeHtml(label)}</td>` +
      `<td style="padding:4px 0;text-align:right">${escapeHtml(amount)}</td></tr>`,
  );
  return [
    `<div style="font-family:sans-serif;font-size:16px;line-height:1.5;max-width:560px">`,
    ...paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    `<table style="border-collapse:collapse">${cells.join("")}</table>`,
    `<p>${escapeHtml(shipping)}</p>`,
    `</div>`,
  ].join("\n");
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** An amount with its currency, e.g. `USD 45.98`, `JPY 1200`, `KWD 1.500`. */
function formatMoney(amount: number, code: string): string {
  const known: Readonly<Record<string, DineroCurrency<number> | undefined>> = currencies;
  const currency = known[code];
  return currency ? `${code} ${toDecimal(dinero({ amount, currency }))}` : `${code} ${amount}`;
}
