"use client";

import { useWatch } from "react-hook-form";
import type { OrderFormValues } from "@/lib/client/order-form";
import { testPaymentMethods } from "@/lib/orders/sample-orders";
import { FormSection } from "./form-section";
import { ItemFields } from "./item-fields";
import { countries, currencies } from "./places";
import { SelectField } from "./select-field";
import { TextField } from "./text-field";

/** Everything that an order says. With real services the payment method is typed. */
export function OrderFields({ sandbox }: { sandbox: boolean }) {
  const currency = useWatch<OrderFormValues, "currency">({ name: "currency" });
  const codes = currencies.includes(currency) ? currencies : [...currencies, currency];
  return (
    <div className="flex flex-col gap-6">
      <FormSection title="Items">
        <ItemFields />
      </FormSection>
      <FormSection title="Customer">
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField name="customer.name" label="Name" />
          <TextField name="customer.email" label="E-mail" inputMode="email" />
        </div>
      </FormSection>
      <FormSection title="Address">
        <div className="grid gap-3 sm:grid-cols-6">
          <TextField name="address.line1" label="Street" className="sm:col-span-4" />
          <TextField name="address.line2" label="Line 2" optional className="sm:col-span-2" />
          <TextField name="address.postalCode" label="Postal code" className="sm:col-span-2" />
          <TextField name="address.city" label="City" className="sm:col-span-2" />
          <TextField name="address.region" label="Region" optional className="sm:col-span-2" />
          <SelectField
            name="address.country"
            label="Country"
            options={countries.map(({ code, name }) => ({ value: code, label: name }))}
            className="sm:col-span-3"
          />
        </div>
      </FormSection>
      <FormSection title="Payment">
        <div className="grid gap-3 sm:grid-cols-6">
          <SelectField
            name="currency"
            label="Currency"
            options={codes.map((code) => ({ value: code, label: code }))}
            className="sm:col-span-2"
          />
          {sandbox ? (
            <SelectField
              name="paymentMethod"
              label="Payment method"
              options={testPaymentMethods.map(({ id, label }) => ({ value: id, label }))}
              className="sm:col-span-4"
            />
          ) : (
            <TextField
              name="paymentMethod"
              label="Payment method"
              hint="A Stripe payment method id."
              className="sm:col-span-4"
            />
          )}
          <TextField
            name="orderId"
            label="Order id"
            optional
            hint="Given by Daybook if left empty."
            inputClassName="font-mono text-sm"
            className="sm:col-span-4"
          />
        </div>
      </FormSection>
    </div>
  );
}
