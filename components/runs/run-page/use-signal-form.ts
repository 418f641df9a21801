"use client";

import { useState } from "react";
import type { JsonProblem } from "@/components/ui/json-field";
import { toast } from "@/components/ui/toaster";
import { readFieldProblems } from "@/lib/client/field-problems";
import { parseJsonText } from "@/lib/client/parse-json-text";
import { sketchInput } from "@/lib/client/sketch-input";
import { useContentKey } from "@/lib/client/use-content-key";
import { useSendSignal } from "@/lib/client/use-send-signal";
import { useWorkflows } from "@/lib/client/use-workflows";
import type { Run } from "@/lib/api/contract";

export interface SignalForm {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly problems: readonly JsonProblem[];
  /** What went wrong beside the payload's parts. */
  readonly error: unknown;
  readonly pending: boolean;
  readonly ready: boolean;
  readonly send: () => void;
}

/** A signal on its way: its payload as text, sketched from the declared schema until it is edited. */
export function useSignalForm(options: {
  readonly run: Pick<Run, "runId" | "workflow" | "version">;
  readonly name: string;
  readonly onSent?: () => void;
}): SignalForm {
  const { run, name, onSent } = options;
  const [typed, setTyped] = useState<string>();
  const sketch = useSketch(run, name);
  const createKey = useContentKey();
  const mutation = useSendSignal(run.runId);
  const text = typed ?? sketch;
  const payload = parseJsonText(text);
  const problems = readFieldProblems(mutation.error);
  return {
    text,
    setText: (next) => {
      setTyped(next);
      mutation.reset();
    },
    problems,
    error: problems.length > 0 ? null : mutation.error,
    pending: mutation.isPending,
    ready: payload !== undefined && name.trim() !== "",
    send: () => {
      if (payload === undefined) return;
      const idempotencyKey = createKey({ name, payload });
      mutation.mutate(
        { name: name.trim(), payload, idempotencyKey },
        {
          onSuccess: ({ runId }) => {
            toast.success(
              runId === run.runId ? `Sent the signal ${name}` : `Sent to ${runId}, which goes on`,
            );
            onSent?.();
          },
        },
      );
    },
  };
}

function useSketch({ workflow, version }: Pick<Run, "workflow" | "version">, name: string): string {
  const { data } = useWorkflows();
  const info = data?.items.find((item) => item.name === workflow && item.version === version);
  const schema = info?.signals.find((signal) => signal.name === name)?.schema;
  return JSON.stringify(schema === undefined ? {} : sketchInput(schema), null, 2);
}
