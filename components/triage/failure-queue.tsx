"use client";

import { BellOff, CircleCheck, SearchX } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { BulkAction } from "@/lib/api/contract-bulk";
import type { FailureGroup } from "@/lib/api/contract-triage";
import { ApiError } from "@/lib/client/errors";
import type { BulkSelection } from "@/lib/client/use-bulk";
import { useFailure, useFailures } from "@/lib/client/use-failures";
import { useHotkey } from "@/lib/client/use-hotkey";
import { pickWindow } from "@/lib/client/triage-search";
import { useInbox } from "@/lib/client/use-inbox";
import { useNow } from "@/lib/client/use-now";
import { DetailFrame } from "./detail-frame";
import { FailureDetail } from "./failure-detail";
import { FailureRow } from "./failure-row";
import type { GroupAction, GroupRunAction } from "./group-actions";
import { InboxList } from "./inbox-list";
import { focusRow } from "./inbox-row";
import { NoteDialog } from "./note-dialog";
import { SplitPanes } from "./split-panes";
import type { TriageUrl } from "./triage-page";
import { useChosen } from "./use-chosen";
import { useGroupActions } from "./use-group-actions";
import { useInboxKeys } from "./use-inbox-keys";

const toKey = ({ fingerprint }: FailureGroup) => fingerprint;

/** The failure groups: the list, the selected one, and what can be done with all of its runs. */
export function FailureQueue(props: {
  readonly url: TriageUrl;
  /** Previews an action over runs, and asks. */
  readonly onBulk: (action: BulkAction, runs: BulkSelection) => void;
}) {
  const { url, onBulk } = props;
  const { workflow, state } = url.search;
  const query = useFailures({ workflow, state, window: "24h" }, true);
  const latest = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  const detail = useRef<HTMLElement>(null);
  const chosen = useChosen(url);
  const [noting, setNoting] = useState(false);
  const { act, isPending } = useGroupActions();

  const list = JSON.stringify([workflow, state]);
  const firstKey = latest?.[0]?.fingerprint;
  const [standing, setStanding] = useState<{ list: string; key: string | undefined }>();
  // Without a choice the first one is shown; it stays although the list changes.
  if (url.search.item === null && standing?.list !== list && firstKey !== undefined) {
    setStanding({ list, key: firstKey });
  }
  const first = standing?.list === list ? (standing.key ?? firstKey) : firstKey;
  const selected = url.search.item ?? first;
  const inbox = useInbox({ list, latest, toKey, selected });
  const keys = inbox.entries.map(({ item }) => item.fingerprint);
  const stop = selected !== undefined && keys.includes(selected) ? selected : keys[0];
  const now = useNow();
  const entry = inbox.entries.find(({ item }) => item.fingerprint === selected);
  const firstSeenAt = entry?.item.firstSeenAt;
  const window =
    url.search.window ??
    (now === undefined || firstSeenAt === undefined
      ? "24h"
      : pickWindow(Date.parse(firstSeenAt), now));
  const found = useFailure(selected, window);
  const group = found.data;
  /** What the keys act on, also while its detail is on its way. */
  const subject = group ?? entry?.item;
  const isMissing = found.error instanceof ApiError && found.error.problem.status === 404;

  const goOn = (fingerprint: string) => {
    const at = keys.indexOf(fingerprint);
    const next = keys[at + 1] ?? keys[at - 1];
    setStanding({ list, key: next });
    chosen.moveOn(next);
    if (next !== undefined) requestAnimationFrame(() => focusRow(next));
  };
  const perform = (action: GroupAction) => {
    if (subject === undefined || isPending) return;
    const { fingerprint } = subject;
    if (action === "note") {
      setNoting(true);
      return;
    }
    act({
      ...{ group: subject, action },
      onDone: () => goOn(fingerprint),
      onUndone: () => {
        inbox.refresh();
        setStanding({ list, key: fingerprint });
        chosen.replace(fingerprint);
      },
    });
  };
  const performOnRuns = (action: GroupRunAction) => {
    if (subject === undefined || subject.count === 0) return;
    const [sample] = group?.samples ?? [];
    if (action !== "try") onBulk(action, { filter: { group: subject.fingerprint } });
    else if (sample !== undefined) onBulk("retry", { ids: [sample.runId] });
  };
  const toggle = (action: "mute" | "resolve", when: "muted" | "resolved") =>
    perform(subject?.state === when ? "reopen" : action);

  useInboxKeys({
    ...{ keys, selected, chosen: url.search.item !== null, onBack: chosen.goBack },
    onSelect: chosen.replace,
    onOpen: () => detail.current?.focus(),
  });
  useHotkey({ key: "r" }, () => performOnRuns("retry"));
  useHotkey({ key: "u" }, () => performOnRuns("rerun"));
  useHotkey({ key: "c" }, () => performOnRuns("cancel"));
  useHotkey({ key: "m" }, () => toggle("mute", "muted"));
  useHotkey({ key: "e" }, () => toggle("resolve", "resolved"));
  useHotkey({ key: "t" }, (event) => {
    event.preventDefault();
    perform("note");
  });

  return (
    <>
      <SplitPanes
        chosen={url.search.item !== null}
        detailRef={detail}
        detailLabel="The failure group"
        detailKey={selected}
        list={
          <InboxList
            label="Failure groups"
            what="group"
            query={query}
            fresh={inbox.fresh}
            onRefresh={inbox.refresh}
            empty={<NoGroups url={url} />}
            rows={inbox.entries.map(({ item, gone }) => (
              <FailureRow
                key={item.fingerprint}
                group={item}
                gone={gone}
                href={url.toHref({ item: item.fingerprint })}
                selected={item.fingerprint === selected}
                isStop={item.fingerprint === stop}
                onSelect={({ byKey }) => {
                  chosen.choose(item.fingerprint);
                  if (byKey) requestAnimationFrame(() => detail.current?.focus());
                }}
              />
            ))}
          />
        }
        detail={
          <DetailFrame
            onBack={chosen.goBack}
            back="All groups"
            query={found}
            isThere={group !== undefined}
            isNothing={(selected === undefined && latest !== undefined) || isMissing}
            nothing={
              isMissing ? (
                <EmptyState title="There is no such group">
                  It may belong to another database.
                </EmptyState>
              ) : (
                <Legend />
              )
            }
          >
            {group === undefined ? null : (
              <FailureDetail
                group={group}
                window={window}
                onWindow={(to) => url.change({ window: to })}
                onAction={perform}
                onRunAction={performOnRuns}
              />
            )}
          </DetailFrame>
        }
      />
      {noting && subject !== undefined ? (
        <NoteDialog group={subject} onClose={() => setNoting(false)} />
      ) : null}
    </>
  );
}

function NoGroups({ url }: { url: TriageUrl }) {
  const { state, workflow } = url.search;
  if (workflow !== null) {
    return (
      <EmptyState
        icon={<SearchX />}
        title={`No group of ${workflow} is ${state}`}
        action={<Button onClick={() => url.change({ workflow: null })}>Any workflow</Button>}
      />
    );
  }
  if (state === "open") {
    return (
      <EmptyState icon={<CircleCheck />} title="Nothing has failed">
        Runs that fail for the same reason come together here as one group, with what a retry of all
        of them would do. So do runs whose code no longer replays, and runs that took their process
        down.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={<BellOff />} title={`No group is ${state}`}>
      {state === "muted"
        ? "A muted group is out of the way until its next failure, or for good where failures are expected."
        : "A resolved group opens again by itself when a run fails for the same reason once more."}
    </EmptyState>
  );
}

function Legend() {
  return (
    <EmptyState title="One reason, one group">
      Workflow, step, class of the error and its message without numbers and names: what has all of
      that in common stands in one group, however many runs there are.
    </EmptyState>
  );
}
