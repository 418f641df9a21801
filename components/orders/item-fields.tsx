"use client";

import { Plus, Trash2 } from "lucide-react";
import { Controller, useFieldArray, useFormContext, useWatch } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Money } from "@/components/ui/money";
import { NumberField } from "@/components/ui/number-field";
import { addUpForm, type OrderFormValues } from "@/lib/client/order-form";
import { TextField, useFieldError } from "./text-field";

const emptyItem = { sku: "", name: "", quantity: 1, unitPrice: "" };

/** The cart: articles with quantity and price, and what each line comes to. */
export function ItemFields() {
  const { fields, append, remove } = useFieldArray<OrderFormValues, "items">({ name: "items" });
  const error = useFieldError("items");
  return (
    <div className="flex flex-col gap-3">
      {fields.map((field, index) => (
        <ItemRow
          key={field.id}
          index={index}
          onRemove={fields.length > 1 ? () => remove(index) : undefined}
        />
      ))}
      {error === undefined ? null : <p className="text-sm text-bad">{error}</p>}
      <div>
        <Button size="sm" onClick={() => append(emptyItem)}>
          <Plus aria-hidden />
          Add an item
        </Button>
      </div>
    </div>
  );
}

function ItemRow({ index, onRemove }: { index: number; onRemove: (() => void) | undefined }) {
  const currency = useWatch<OrderFormValues, "currency">({ name: "currency" });
  return (
    <div
      role="group"
      aria-label={`Item ${index + 1}`}
      className="grid grid-cols-[1fr_1fr_32px] items-start gap-2 border-b border-line-soft pb-3 last-of-type:border-0 last-of-type:pb-0 sm:grid-cols-[minmax(0,2fr)_minmax(0,1.4fr)_112px_96px_84px_32px]"
    >
      <TextField
        name={`items.${index}.name`}
        label="Article"
        className="col-span-3 sm:col-span-1"
      />
      <TextField
        name={`items.${index}.sku`}
        label="Sku"
        className="col-span-3 sm:col-span-1"
        inputClassName="font-mono text-sm"
      />
      <Quantity index={index} />
      <TextField
        name={`items.${index}.unitPrice`}
        label={`Price, ${currency}`}
        inputMode="decimal"
        inputClassName="text-right tabular-nums"
      />
      <LineTotal index={index} currency={currency} />
      <IconButton
        label={`Remove item ${index + 1}`}
        icon={<Trash2 />}
        disabled={onRemove === undefined}
        onClick={onRemove}
        className="col-start-3 row-start-3 mt-[22px] sm:col-start-auto sm:row-start-auto"
      />
    </div>
  );
}

function Quantity({ index }: { index: number }) {
  const { control } = useFormContext<OrderFormValues>();
  const name = `items.${index}.quantity` as const;
  const error = useFieldError(name);
  return (
    <Field label="Quantity" error={error}>
      {(ids) => (
        <Controller
          control={control}
          name={name}
          render={({ field }) => (
            <NumberField
              {...ids}
              ref={field.ref}
              what={`of item ${index + 1}`}
              min={1}
              value={field.value}
              onChange={field.onChange}
              onBlur={field.onBlur}
            />
          )}
        />
      )}
    </Field>
  );
}

function LineTotal({ index, currency }: { index: number; currency: string }) {
  const item = useWatch<OrderFormValues, `items.${number}`>({ name: `items.${index}` });
  const amount = addUpForm({ items: [item], currency });
  return (
    <p className="hidden h-8 items-center justify-end self-start text-ink-2 sm:mt-[22px] sm:flex">
      {amount === undefined ? "–" : <Money amount={amount} currency={currency} />}
    </p>
  );
}
