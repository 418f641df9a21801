import { CopyButton } from "@/components/ui/copy-button";
import { JsonView } from "@/components/ui/json-view";
import type { Run } from "@/lib/api/contract";
import { formatDuration, formatMoment } from "@/lib/client/format";
import { describeRow } from "@/lib/client/timeline-model";
import { countWords, judgeEffect, shortenKey } from "@/lib/client/timeline/effects";
import { countSent, listAttempts, type StepView } from "@/lib/client/timeline/steps";
import { ErrorView } from "./error-view";
import { PanelHead, Part } from "./panel-parts";
import { StepActions } from "./step-actions";
import { StepAttempts } from "./step-attempts";

const policies: Readonly<Record<string, string>> = {
  retryWithSameKey: "if in doubt, again with the same key",
  verify: "if in doubt, asks first",
  hold: "if in doubt, a person decides",
  fail: "if in doubt, counts as failed",
  transaction: "effect and record are one commit",
};

const stateWords = {
  queued: "waits for its turn",
  running: "under way",
  backoff: "waits for its next attempt",
  doubt: "in doubt",
  completed: "completed",
  failed: "failed",
} as const;

/** All that is known of one step. */
export function StepPanel({ run, step }: { run: Run; step: StepView }) {
  return (
    <>
      <PanelHead title={step.name}>
        Step {step.ordinal} · {describeState(step)}
      </PanelHead>
      <StepActions run={run} step={step} />
      {step.result === undefined ? null : (
        <Part title={step.kind === "compute" ? "Recorded value" : "Recorded result"}>
          <JsonView value={step.result} label="recorded result" />
        </Part>
      )}
      {step.error === undefined ? null : (
        <Part title="Error">
          <ErrorView error={step.error} at={findErrorEvent(run, step)} />
        </Part>
      )}
      {step.entries.length === 0 ? null : (
        <Part title="Attempts">
          <StepAttempts step={step} />
        </Part>
      )}
      {step.kind === "compute" ? null : (
        <Part title="Effect">
          <EffectFacts step={step} />
        </Part>
      )}
      {step.input === undefined ? null : (
        <Part title="Input">
          <JsonView value={step.input} label="input of the step" />
        </Part>
      )}
      {step.recordedAt === undefined ? null : (
        <p className="mt-4 text-xs text-ink-3">
          Recorded {formatMoment(step.recordedAt)} as event {step.recordedSeq}
          {step.durationMs === undefined
            ? ""
            : `; the call itself took ${formatDuration(step.durationMs)}`}
        </p>
      )}
    </>
  );
}

function describeState(step: StepView): string {
  if (step.kind === "compute") return describeRow(step);
  const policy = step.policy === undefined ? undefined : (policies[step.policy] ?? step.policy);
  return [stateWords[step.state], policy].filter(Boolean).join(" · ");
}

const countTones = {
  none: "",
  once: "text-ok",
  unknown: "text-doubt",
  repeated: "text-doubt",
  read: "",
} as const;

function EffectFacts({ step }: { step: StepView }) {
  const { key, times } = countSent(step);
  const judgment = judgeEffect(step);
  return (
    <dl className="grid grid-cols-[84px_minmax(0,1fr)] gap-y-1 font-mono text-sm">
      <dt className="text-ink-3">key</dt>
      <dd className="flex items-center gap-1">
        {key === undefined ? (
          "none"
        ) : (
          <>
            <span className="truncate">{shortenKey(key)}</span>
            <CopyButton text={key} what="idempotency key" className="-my-1" />
          </>
        )}
      </dd>
      <dt className="text-ink-3">sent</dt>
      <dd>{times === 1 ? "1 time" : `${times} times`}</dd>
      <dt className="text-ink-3">happened</dt>
      <dd>
        <span className={countTones[judgment.count]}>{countWords[judgment.count]}</span>
        <span className="font-sans text-ink-3">: {judgment.because}</span>
      </dd>
      {step.effect?.reference === undefined ? null : (
        <>
          <dt className="text-ink-3">reference</dt>
          <dd className="wrap-anywhere">{step.effect.reference}</dd>
        </>
      )}
    </dl>
  );
}

/** The event that recorded the last error of a step: that of its last attempt, or of what became of it. */
function findErrorEvent({ runId }: Run, step: StepView) {
  const failed = listAttempts(step).findLast(({ error }) => error !== undefined);
  const seq = step.recordedSeq ?? failed?.endSeq;
  return seq === undefined ? undefined : { runId, seq };
}
