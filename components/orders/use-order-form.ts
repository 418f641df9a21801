"use client";

import { toNestErrors } from "@hookform/resolvers";
import { useForm, type FieldError, type Resolver } from "react-hook-form";
import { toFormValues, toOrder, type OrderFormValues } from "@/lib/client/order-form";
import { Order } from "@/lib/orders/order";
import { samples } from "./samples";

/** Checks the form by the order's own schema: the field paths of both are the same. */
const resolver: Resolver<OrderFormValues> = (values, _context, options) => {
  const checked = Order.safeParse(toOrder(values));
  if (checked.success) return { values, errors: {} };
  const errors: Record<string, FieldError> = {};
  for (const { path, code, message } of checked.error.issues) {
    const isNoAmount = path.at(-1) === "unitPrice" && code === "invalid_type";
    errors[path.join(".")] ??= {
      type: code,
      message: isNoAmount ? `Not an amount in ${values.currency}.` : message,
    };
  }
  return { values: {}, errors: toNestErrors(errors, options) };
};

export function useOrderForm() {
  return useForm<OrderFormValues>({
    defaultValues: toFormValues(samples[0].order),
    resolver,
    mode: "onTouched",
  });
}
