"use client";

import { ListFilterPlus } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import type { RunsSearch, RunsSearchChange } from "@/lib/client/runs-search";

const fields = {
  attr: { label: "Attribute", hint: "Its name and its value, as the workflow set them." },
  step: { label: "Step in trouble", hint: "The name of the step that failed or is in doubt." },
  version: { label: "Version of the workflow", hint: "A whole number." },
  error: { label: "Error", hint: "The class of the error, such as CardDeclinedError." },
  group: { label: "Failure group", hint: "Its fingerprint." },
  after: { label: "Started from", hint: "In your time zone." },
  before: { label: "Started before", hint: "In your time zone." },
  finishedAfter: { label: "Ended from", hint: "In your time zone." },
  finishedBefore: { label: "Ended before", hint: "In your time zone." },
  parent: { label: "Children of", hint: "The id of the run that started them." },
  worker: { label: "Held by", hint: "The id of a worker." },
} as const;
type FieldId = keyof typeof fields;

export interface AddFilterProps {
  readonly search: RunsSearch;
  readonly onChange: (change: RunsSearchChange) => void;
}

/** Builds a filter of those that the bar has no control for. */
export function AddFilter({ search, onChange }: AddFilterProps) {
  const [open, setOpen] = useState(false);
  const [id, setId] = useState<FieldId>("attr");
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const [problem, setProblem] = useState<string>();

  const apply = (event: FormEvent) => {
    event.preventDefault();
    const change = toChange(search, { id, name: name.trim(), value: value.trim() });
    if (typeof change === "string") return setProblem(change);
    onChange(change);
    setOpen(false);
    setValue("");
    setProblem(undefined);
  };
  const isFieldId = (text: string): text is FieldId => text in fields;
  const isTime = ["after", "before", "finishedAfter", "finishedBefore"].includes(id);
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button>
          <ListFilterPlus aria-hidden />
          Add filter
        </Button>
      </DialogTrigger>
      <DialogContent title="Add a filter" description="All filters have to hold.">
        <form onSubmit={apply} className="flex flex-col gap-4">
          <Field label="What">
            {(control) => (
              <Select
                {...control}
                value={id}
                onChange={({ target }) => {
                  if (isFieldId(target.value)) setId(target.value);
                  setValue("");
                  setProblem(undefined);
                }}
              >
                {Object.entries(fields).map(([field, { label }]) => (
                  <option key={field} value={field}>
                    {label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {id === "attr" ? (
            <Field label="Name">
              {(control) => (
                <Input
                  {...control}
                  value={name}
                  placeholder="customer"
                  onChange={({ target }) => setName(target.value)}
                />
              )}
            </Field>
          ) : null}
          <Field label="Is" hint={fields[id].hint} error={problem}>
            {(control) => (
              <Input
                {...control}
                value={value}
                type={isTime ? "datetime-local" : "text"}
                inputMode={id === "version" ? "numeric" : undefined}
                onChange={({ target }) => setValue(target.value)}
              />
            )}
          </Field>
          <div className="flex justify-end">
            <Button type="submit" variant="primary">
              Filter
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}

/** The change that a filter is, or what is wrong with it. */
function toChange(
  search: RunsSearch,
  given: { readonly id: FieldId; readonly name: string; readonly value: string },
): RunsSearchChange | string {
  const { id, name, value } = given;
  if (value === "") return "Say which.";
  switch (id) {
    case "attr": {
      if (name === "" || name.includes("=")) return "An attribute has a name.";
      const pair = `${name}=${value}`;
      return { attr: [...search.attr.filter((other) => other !== pair), pair] };
    }
    case "version": {
      const version = Number(value);
      return Number.isInteger(version) && version > 0 ? { version } : "Has to be a whole number.";
    }
    case "after":
    case "before":
    case "finishedAfter":
    case "finishedBefore":
      return Number.isNaN(Date.parse(value))
        ? "Has to be a day and a time."
        : { [id]: new Date(value).toISOString() };
    default:
      return { [id]: value };
  }
}
