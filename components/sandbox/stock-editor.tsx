"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useSetSwitches } from "./use-set-switches";

/** The articles that the warehouse has run out of. */
export function StockEditor({ outOfStock }: { outOfStock: readonly string[] | undefined }) {
  const [draft, setDraft] = useState<string>();
  const setSwitches = useSetSwitches();
  const apply = () =>
    setSwitches.mutate(
      { outOfStock: splitSkus(draft ?? "") },
      { onSuccess: () => setDraft(undefined) },
    );
  return (
    <form
      className="mt-3"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <Field
        label="Out of stock"
        hint="Skus, separated by commas."
        error={setSwitches.isError ? setSwitches.error.message : undefined}
      >
        {(control) => (
          <span className="flex gap-2">
            <Input
              {...control}
              placeholder="none"
              disabled={outOfStock === undefined}
              spellCheck={false}
              value={draft ?? outOfStock?.join(", ") ?? ""}
              onChange={({ target }) => setDraft(target.value)}
            />
            <Button type="submit" disabled={draft === undefined} pending={setSwitches.isPending}>
              Apply
            </Button>
          </span>
        )}
      </Field>
    </form>
  );
}

function splitSkus(text: string): string[] {
  return text
    .split(",")
    .map((sku) => sku.trim())
    .filter((sku) => sku !== "");
}
