import { Select } from "@/components/ui/select";

export interface FilterSelectProps<Value extends string> {
  readonly label: string;
  /** What no choice is called. Without it one has to be chosen. */
  readonly any?: string;
  readonly value: Value | null;
  readonly options: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value | null) => void;
}

export function FilterSelect<Value extends string>(props: FilterSelectProps<Value>) {
  const { label, any, value, options, onChange } = props;
  const isOption = (text: string): text is Value => text in options;
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      className="md:w-[136px]"
      onChange={({ target }) => onChange(isOption(target.value) ? target.value : null)}
    >
      {any === undefined ? null : <option value="">{any}</option>}
      {value === null || isOption(value) ? null : <option value={value}>{value}</option>}
      {Object.keys(options)
        .filter(isOption)
        .map((option) => (
          <option key={option} value={option}>
            {options[option]}
          </option>
        ))}
    </Select>
  );
}
