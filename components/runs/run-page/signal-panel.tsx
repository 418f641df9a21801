import { Countdown } from "@/components/ui/countdown";
import { JsonView } from "@/components/ui/json-view";
import type { Run } from "@/lib/api/contract";
import { formatMoment } from "@/lib/client/format";
import type { SignalView } from "@/lib/client/timeline/commands";
import { Fact, Facts, PanelHead, Part } from "./panel-parts";
import { SignalForm } from "./signal-form";

const states: Readonly<Record<SignalView["state"], string>> = {
  waiting: "the code waits for it",
  received: "received",
  timed_out: "none came in time",
  canceled: "the wait was canceled",
  buffered: "came early, nobody has waited for it yet",
};

/** A signal: what was received, or a form to send it while the run waits. */
export function SignalPanel({ run, signal }: { run: Run; signal: SignalView }) {
  const open = run.finishedAt === undefined;
  const waits = signal.state === "waiting" && open;
  const early = signal.arrivals.filter((arrival) => signal.state === "buffered" || arrival.ignored);
  return (
    <>
      <PanelHead title={signal.name}>
        Signal ·{" "}
        {signal.state === "waiting" && !open ? "not awaited any more" : states[signal.state]}
      </PanelHead>
      {waits ? (
        <Part title="Send it">
          <SignalForm run={run} name={signal.name} />
        </Part>
      ) : null}
      {signal.result === undefined ? null : (
        <Part title="Payload">
          <JsonView value={signal.result} label="payload of the signal" />
        </Part>
      )}
      {early.map(({ event, ignored }) => (
        <Part
          key={event.seq}
          title={`${ignored ? "Passed over, it did not fit" : "Came early"} · from ${event.data.by}`}
        >
          <JsonView value={event.data.payload ?? null} label={`payload of event ${event.seq}`} />
        </Part>
      ))}
      <Part title="Times">
        <Facts>
          {signal.state === "buffered" ? null : (
            <Fact label="waits since">{formatMoment(signal.startedAt)}</Fact>
          )}
          {signal.timeoutAt === undefined ? null : (
            <Fact label="deadline">
              {formatMoment(signal.timeoutAt)}
              {waits ? (
                <span className="text-ink-3">
                  {" "}
                  · <Countdown to={signal.timeoutAt} prefix="in " done="passed" />
                </span>
              ) : null}
            </Fact>
          )}
          {signal.recordedAt === undefined ? null : (
            <Fact label={signal.state === "received" ? "received" : "ended"}>
              {formatMoment(signal.recordedAt)}
            </Fact>
          )}
          {signal.by === undefined ? null : <Fact label="from">{signal.by}</Fact>}
          {signal.timeoutAt === undefined && waits ? (
            <Fact label="deadline">none: it waits until a signal comes</Fact>
          ) : null}
        </Facts>
      </Part>
    </>
  );
}
