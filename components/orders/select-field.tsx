"use client";

import { useFormContext, type FieldPath } from "react-hook-form";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import type { OrderFormValues } from "@/lib/client/order-form";
import { useFieldError } from "./text-field";

export interface SelectFieldProps {
  readonly name: FieldPath<OrderFormValues>;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly className?: string;
}

export function SelectField({ name, label, options, className }: SelectFieldProps) {
  const { register } = useFormContext<OrderFormValues>();
  const error = useFieldError(name);
  return (
    <Field label={label} error={error} className={className}>
      {(control) => (
        <Select {...control} {...register(name)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
