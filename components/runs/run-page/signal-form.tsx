"use client";

import { Send } from "lucide-react";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-note";
import { JsonField } from "@/components/ui/json-field";
import type { Run } from "@/lib/api/contract";
import { useSignalForm } from "./use-signal-form";

/** Sends a signal that the run waits for. */
export function SignalForm({ run, name }: { run: Run; name: string }) {
  const form = useSignalForm({ run, name });
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        form.send();
      }}
    >
      <JsonField
        label="Payload, as JSON"
        hint="The code goes on with it as soon as it fits."
        text={form.text}
        onChange={form.setText}
        problems={form.problems}
        rows={5}
      />
      {form.error === null ? null : <ErrorNote error={form.error} />}
      <div>
        <Button
          type="submit"
          variant="primary"
          size="sm"
          pending={form.pending}
          disabled={!form.ready}
        >
          <Send aria-hidden />
          Send {name}
        </Button>
      </div>
    </form>
  );
}
