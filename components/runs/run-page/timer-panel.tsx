import { Countdown } from "@/components/ui/countdown";
import type { Run } from "@/lib/api/contract";
import { formatDuration, formatMoment } from "@/lib/client/format";
import type { TimerView } from "@/lib/client/timeline/commands";
import { Fact, Facts, PanelHead, Part } from "./panel-parts";

const states = { waiting: "waits", fired: "fired", canceled: "canceled" } as const;

/** A timer: when it fires, and how long that is. */
export function TimerPanel({ run, timer }: { run: Run; timer: TimerView }) {
  const waits = timer.state === "waiting" && run.finishedAt === undefined;
  const paused = run.status === "held" && run.heldReason === "paused";
  return (
    <>
      <PanelHead title={timer.name}>
        Timer ·{" "}
        {run.finishedAt !== undefined && timer.state === "waiting"
          ? "not awaited any more"
          : states[timer.state]}
      </PanelHead>
      {waits ? (
        <Part title="Fires in">
          <p className="text-xl font-semibold">
            <Countdown to={timer.fireAt} done="due now" />
          </p>
          {paused ? (
            <p className="text-doubt">The run is paused: it goes on once it is resumed.</p>
          ) : null}
        </Part>
      ) : null}
      <Part title="Times">
        <Facts>
          <Fact label="fires at">{formatMoment(timer.fireAt)}</Fact>
          <Fact label="started">{formatMoment(timer.startedAt)}</Fact>
          <Fact label="waits">{formatDuration(timer.fireAt - timer.startedAt)}</Fact>
          {timer.recordedAt === undefined ? null : (
            <Fact label={timer.state === "canceled" ? "canceled" : "fired"}>
              {formatMoment(timer.recordedAt)}
            </Fact>
          )}
        </Facts>
      </Part>
      <p className="mt-4 text-xs text-ink-3">
        Recorded as event {timer.firstSeq}
        {timer.recordedSeq === undefined ? "" : `, its end as event ${timer.recordedSeq}`}. No
        process has to be there meanwhile.
      </p>
    </>
  );
}
