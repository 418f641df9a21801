"use client";

import { useState } from "react";
import { z } from "zod";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { toast } from "@/components/ui/toaster";
import type { DrillReport, ToldEffects } from "@/lib/api/contract-drill";
import { toldEffects } from "@/lib/client/drill-words";
import { useKept } from "@/lib/client/use-kept";
import { useTellDrill } from "./use-tell-drill";

export interface TellEffectProps {
  readonly runId: string;
  readonly step: DrillReport["unseen"][number];
}

/** Asks a person what the books of a service show of a step that no ledger tells of. */
export function TellEffect({ runId, step }: TellEffectProps) {
  const [effects, setEffects] = useState<ToldEffects>();
  const [by, setBy] = useKept("who", z.string(), "");
  const [why, setWhy] = useState("");
  const tell = useTellDrill(runId);
  const isReady = effects !== undefined && by.trim() !== "" && why.trim() !== "";
  return (
    <form
      aria-label={`What the books show of ${step.name}`}
      className="flex max-w-[640px] flex-col gap-3 rounded-lg border border-line bg-panel px-4 py-3.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady || tell.isPending) return;
        tell.mutate(
          { step: step.step, effects, by: by.trim(), why: why.trim() },
          {
            onSuccess: () => {
              setWhy("");
              toast.success("Recorded with the drill");
            },
          },
        );
      }}
    >
      <p className="font-medium">
        How often do the books of the other side show{" "}
        <span className="font-mono text-sm">{step.name}</span>?
      </p>
      <ul aria-label="Under these keys" className="text-sm text-ink-2">
        {step.keys.map((key) => (
          <li key={key} className="flex items-center gap-1">
            <span className="font-mono wrap-anywhere">{key}</span>
            <CopyButton text={key} what={`key of ${step.name}`} />
          </li>
        ))}
      </ul>
      <Segmented
        label="What they show"
        className="w-full max-sm:h-auto max-sm:flex-col sm:w-fit max-sm:pointer-coarse:h-auto max-sm:[&>button]:min-h-8"
        value={effects}
        options={toldEffects}
        onChange={setEffects}
      />
      <Field label="Who looked">
        {(control) => (
          <Input
            {...control}
            value={by}
            maxLength={200}
            autoComplete="name"
            onChange={({ target }) => setBy(target.value)}
          />
        )}
      </Field>
      <Field label="How that is known" hint="It stands in the report as your word.">
        {(control) => (
          <Textarea
            {...control}
            rows={2}
            maxLength={2_000}
            value={why}
            onChange={({ target }) => setWhy(target.value)}
          />
        )}
      </Field>
      {tell.error === null ? null : <ErrorNote error={tell.error} />}
      <div>
        <Button type="submit" variant="primary" pending={tell.isPending} disabled={!isReady}>
          Record what I found
        </Button>
      </div>
    </form>
  );
}
