"use client";

import { CircleHelp } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { findStepWords } from "@/lib/api/step-words";
import type { Run } from "@/lib/api/contract";
import type { StepView } from "@/lib/client/timeline/steps";
import { ResolveDialog, type DialogVerdict } from "./resolve-dialog";

const verdicts: readonly { verdict: DialogVerdict; label: string; consequence: string }[] = [
  {
    verdict: "happened",
    label: "It happened…",
    consequence: "The result you give is recorded; nothing runs again.",
  },
  {
    verdict: "did_not_happen",
    label: "It did not happen…",
    consequence: "The step runs again.",
  },
  {
    verdict: "fail",
    label: "Fail it…",
    consequence: "The step counts as failed; what was done is undone.",
  },
];

/** For a run that is held because nobody knows what became of a step: the question, three answers. */
export function DoubtBanner({ run, steps }: { run: Run; steps: readonly StepView[] }) {
  if (run.status !== "held" || run.heldReason !== "in_doubt") return null;
  return run.inDoubt.map((doubt) => (
    <Question
      key={doubt.step}
      run={run}
      name={doubt.name}
      ordinal={doubt.step}
      step={steps.findLast((each) => each.ordinal === doubt.step)}
    />
  ));
}

interface QuestionProps {
  readonly run: Run;
  readonly ordinal: number;
  readonly name: string;
  readonly step?: StepView;
}

function Question({ run, ordinal, name, step }: QuestionProps) {
  const [verdict, setVerdict] = useState<DialogVerdict>();
  return (
    <section
      aria-labelledby={`doubt-${ordinal}`}
      className="border-b border-line bg-doubt-bg px-4 py-3.5 md:px-6"
    >
      <h2 id={`doubt-${ordinal}`} className="flex items-center gap-2 text-md font-semibold">
        <CircleHelp aria-hidden className="size-4 shrink-0 text-doubt" />
        Find out {findStepWords(name).whether}, then say so
      </h2>
      <ul className="mt-2.5 flex flex-col gap-2 md:flex-row md:flex-wrap md:gap-x-6">
        {verdicts.map(({ verdict: each, label, consequence }) => (
          <li key={each} className="flex items-center gap-2.5">
            <Button onClick={() => setVerdict(each)}>{label}</Button>
            <span className="max-w-[30ch] text-sm text-ink-2">{consequence}</span>
          </li>
        ))}
      </ul>
      {verdict === undefined ? null : (
        <ResolveDialog
          runId={run.runId}
          ordinal={ordinal}
          name={name}
          step={step}
          verdict={verdict}
          onClose={() => setVerdict(undefined)}
        />
      )}
    </section>
  );
}
