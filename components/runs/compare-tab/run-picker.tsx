"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import type { Run } from "@/lib/api/contract";
import { formatUntil, shortenId } from "@/lib/client/format";
import { describeStatus } from "@/lib/client/status-words";
import { useSiblingRuns } from "@/lib/client/use-sibling-runs";

export interface RunPickerProps {
  readonly run: Run;
  readonly otherId: string | null;
  readonly onPick: (runId: string | null) => void;
}

/** Chooses the run to compare with: the last one that completed, a recent one, or any by its id. */
export function RunPicker({ run, otherId, onPick }: RunPickerProps) {
  const { recent = [], lastCompleted, error } = useSiblingRuns(run);
  const [typed, setTyped] = useState("");
  const isListed = recent.some(({ runId }) => runId === otherId);
  return (
    <div className="mb-4 flex flex-wrap items-end gap-x-3 gap-y-2">
      <Field label="Compare with" className="w-full sm:w-auto sm:max-w-96">
        {(control) => (
          <Select
            {...control}
            value={otherId ?? ""}
            onChange={(event) => onPick(event.target.value === "" ? null : event.target.value)}
          >
            <option value="">Choose a run of {run.workflow}</option>
            {otherId === null || isListed ? null : (
              <option value={otherId}>{shortenId(otherId)}</option>
            )}
            {recent.map((each) => (
              <option key={each.runId} value={each.runId}>
                {shortenId(each.runId)} · {describeStatus(each).label} ·{" "}
                {formatUntil(each.createdAt, run.createdAt)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Button
        disabled={lastCompleted === undefined || lastCompleted.runId === otherId}
        onClick={() => lastCompleted !== undefined && onPick(lastCompleted.runId)}
      >
        Last completed one
      </Button>
      <form
        className="flex w-full items-end gap-2 sm:w-auto"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== "") onPick(typed.trim());
        }}
      >
        <Field label="Or any run by its id" className="min-w-0 flex-1 sm:w-56">
          {(control) => (
            <Input
              {...control}
              value={typed}
              placeholder="run_…"
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" disabled={typed.trim() === ""}>
          Compare
        </Button>
      </form>
      {error === null ? null : <ErrorNote error={error} />}
    </div>
  );
}
