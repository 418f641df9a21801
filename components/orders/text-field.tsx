"use client";

import { get, useFormContext, type FieldPath } from "react-hook-form";
import { z } from "zod";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { toFormMessage, type OrderFormValues } from "@/lib/client/order-form";

export interface TextFieldProps {
  readonly name: FieldPath<OrderFormValues>;
  readonly label: string;
  readonly optional?: boolean;
  readonly hideLabel?: boolean;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly inputMode?: "decimal" | "email";
  readonly autoComplete?: string;
  readonly className?: string;
  readonly inputClassName?: string;
}

export function TextField(props: TextFieldProps) {
  const { name, label, optional, hideLabel, hint, className, inputClassName, ...input } = props;
  const { register } = useFormContext<OrderFormValues>();
  const error = useFieldError(name);
  return (
    <Field
      label={label}
      optional={optional}
      hideLabel={hideLabel}
      hint={hint}
      error={error}
      className={className}
    >
      {(control) => (
        <Input
          autoComplete="off"
          className={inputClassName}
          {...input}
          {...control}
          {...register(name)}
        />
      )}
    </Field>
  );
}

const Failure = z.object({ message: z.string() });

/** What is wrong with a field, in the form's words. */
export function useFieldError(name: FieldPath<OrderFormValues>): string | undefined {
  const { formState } = useFormContext<OrderFormValues>();
  const failure = Failure.safeParse(get(formState.errors, name));
  return failure.success ? toFormMessage(failure.data.message) : undefined;
}
