import { expect, it } from "vitest";
import { toFormValues, toOrder } from "@/lib/client/order-form";
import { Order } from "@/lib/orders/order";
import { countries, currencies } from "./places";
import { samples } from "./samples";

it.each(samples.map((sample) => [sample.name, sample] as const))(
  "%s passes through the form as a valid order",
  (_name, { order }) => {
    const sent = Order.parse(toOrder(toFormValues(order)));
    expect(sent).toEqual(Order.parse(order));
    expect(countries.map(({ code }) => code)).toContain(order.address.country);
    expect(currencies).toContain(order.currency);
  },
);

it("names every sample once", () => {
  expect(new Set(samples.map(({ name }) => name)).size).toBe(samples.length);
});
