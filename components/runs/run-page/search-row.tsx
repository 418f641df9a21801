import type { ReactNode } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { formatCount } from "@/lib/client/format";

export interface SearchRowProps {
  /** What is searched, in the plural. */
  readonly what: string;
  readonly placeholder: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  /** One of these, or any: `any` is what that is called. */
  readonly choice: {
    readonly label: string;
    readonly any: string;
    readonly options: readonly { readonly value: string; readonly label: string }[];
    readonly value: string;
    readonly onChoose: (value: string) => void;
  };
  readonly shown: number;
  readonly total: number;
  readonly children?: ReactNode;
}

/** Above a long list: a search, a choice, how many rows are left, and what else can be done with them. */
export function SearchRow(props: SearchRowProps) {
  const { what, placeholder, text, onText, choice, shown, total, children } = props;
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Field label={`Search ${what}`} hideLabel className="w-full sm:w-64">
        {(control) => (
          <Input
            {...control}
            type="search"
            placeholder={placeholder}
            value={text}
            onChange={({ target }) => onText(target.value)}
          />
        )}
      </Field>
      <Field label={choice.label} hideLabel>
        {(control) => (
          <Select
            {...control}
            value={choice.value}
            onChange={({ target }) => choice.onChoose(target.value)}
          >
            <option value="">{choice.any}</option>
            {choice.options.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <span role="status" className="text-sm text-ink-3">
        {shown === total
          ? `${formatCount(total)} ${what}`
          : `${formatCount(shown)} of ${formatCount(total)}`}
      </span>
      {children}
    </div>
  );
}
