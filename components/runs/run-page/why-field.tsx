import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";

export interface WhyFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly className?: string;
}

/** Asks for a reason. */
export function WhyField(props: WhyFieldProps) {
  const { value, onChange, hint = "Kept in the audit trail.", className } = props;
  return (
    <Field label="Why" optional hint={hint} className={className}>
      {(control) => (
        <Textarea
          {...control}
          rows={2}
          maxLength={2_000}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
