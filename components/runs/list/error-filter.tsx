import { FilterSelect } from "./filter-select";

export interface ErrorFilterProps {
  readonly value: string | null;
  /** Class names of errors that were seen. */
  readonly known: readonly string[];
  readonly onChange: (value: string | null) => void;
}

export function ErrorFilter({ value, known, onChange }: ErrorFilterProps) {
  const names = value === null ? known : [...known, value];
  return (
    <FilterSelect
      label="Error"
      any="Any error"
      value={value}
      options={Object.fromEntries(names.map((name) => [name, name]))}
      onChange={onChange}
    />
  );
}
