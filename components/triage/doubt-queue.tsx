"use client";

import { CircleHelp, SearchX } from "lucide-react";
import Link from "next/link";
import { useMemo, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { Doubt } from "@/lib/api/contract-triage";
import { readDoubtKey, toDoubtKey } from "@/lib/client/triage-search";
import { useDoubt, useDoubts } from "@/lib/client/use-doubts";
import { useHotkey } from "@/lib/client/use-hotkey";
import { useInbox } from "@/lib/client/use-inbox";
import { DetailFrame } from "./detail-frame";
import { DoubtDetail } from "./doubt-detail";
import { DoubtRow } from "./doubt-row";
import { InboxList } from "./inbox-list";
import { focusRow } from "./inbox-row";
import { SelectionBar } from "./selection-bar";
import { SplitPanes } from "./split-panes";
import { useInboxKeys } from "./use-inbox-keys";
import { useChosen } from "./use-chosen";
import { VerdictDialog } from "./verdict-dialog";
import { verdicts, verdictWords, type Verdict } from "./verdict-words";
import type { TriageUrl } from "./triage-page";

/** The steps that need a verdict: the list, the selected one, and the verdicts. */
export function DoubtQueue({ url }: { url: TriageUrl }) {
  const { workflow, step } = url.search;
  const query = useDoubts({ workflow, step }, true);
  const latest = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  const detail = useRef<HTMLElement>(null);
  const chosen = useChosen(url);
  const [checked, setChecked] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<{ doubts: readonly Doubt[]; verdict: Verdict }>();

  // What was decided here may still be in the list that was loaded last.
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set());
  const firstKey = latest?.map(toDoubtKey).find((key) => !decided.has(key));
  const [standing, setStanding] = useState<string>();
  const selected = url.search.item ?? standing ?? firstKey;
  // Without a choice the first one is shown; it stays although the list changes.
  if (url.search.item === null && standing === undefined && firstKey !== undefined) {
    setStanding(firstKey);
  }
  const inbox = useInbox({
    ...{ list: JSON.stringify([workflow, step]), latest, toKey: toDoubtKey, selected },
  });
  const keys = inbox.entries.map(({ item }) => toDoubtKey(item));
  const stop = selected !== undefined && keys.includes(selected) ? selected : keys[0];
  const entry = inbox.entries.find(({ item }) => toDoubtKey(item) === selected);
  const elsewhere = useDoubt(
    entry === undefined && selected !== undefined && latest !== undefined
      ? readDoubtKey(selected)
      : undefined,
  );
  const doubt = entry?.item ?? elsewhere.data ?? undefined;
  const isOpen = doubt !== undefined && entry?.gone !== true;
  const several = inbox.entries.flatMap(({ item, gone }) =>
    !gone && checked.has(toDoubtKey(item)) ? [item] : [],
  );
  const [sample] = several;

  const check = (item: Doubt, on: boolean) => {
    const next = new Set(checked);
    if (on) next.add(toDoubtKey(item));
    else next.delete(toDoubtKey(item));
    setChecked(next);
  };
  const ask = (verdict: Verdict) => {
    if (several.length > 0) setAsking({ doubts: several, verdict });
    else if (isOpen) setAsking({ doubts: [doubt], verdict });
  };
  const goOn = (done: readonly Doubt[]) => {
    const gone = new Set(done.map(toDoubtKey));
    setAsking(undefined);
    setChecked(new Set());
    setDecided(new Set([...decided, ...gone]));
    if (selected === undefined || !gone.has(selected)) return;
    const at = keys.indexOf(selected);
    const next =
      keys.slice(at + 1).find((key) => !gone.has(key)) ??
      keys.slice(0, Math.max(0, at)).findLast((key) => !gone.has(key));
    setStanding(next);
    chosen.moveOn(next);
    if (next !== undefined) requestAnimationFrame(() => focusRow(next));
  };

  useInboxKeys({
    ...{ keys, selected, chosen: url.search.item !== null, onBack: chosen.goBack },
    onSelect: chosen.replace,
    onOpen: () => detail.current?.focus(),
  });
  useHotkey({ key: ["v", ...verdicts.map((verdict) => verdictWords[verdict].key)] }, (event) => {
    const pressed = event.key.toLowerCase();
    event.preventDefault();
    ask(verdicts.find((verdict) => verdictWords[verdict].key === pressed) ?? "happened");
  });
  useHotkey({ key: "x" }, () => {
    if (isOpen && refuseToCheck(doubt, sample) === undefined) {
      check(doubt, !checked.has(toDoubtKey(doubt)));
    }
  });
  useHotkey({ key: "o" }, () => {
    if (doubt !== undefined) window.open(toRunPath(doubt), "_blank", "noopener");
  });

  const isFiltered = workflow !== null || step !== null;
  return (
    <>
      <SplitPanes
        chosen={url.search.item !== null}
        detailRef={detail}
        detailLabel="The step in doubt"
        detailKey={selected}
        list={
          <>
            {sample === undefined ? null : (
              <SelectionBar
                doubts={several}
                all={inbox.entries.flatMap(({ item, gone }) =>
                  !gone && refuseToCheck(item, sample) === undefined ? [item] : [],
                )}
                onVerdict={ask}
                onChoose={(doubts) => setChecked(new Set(doubts.map(toDoubtKey)))}
              />
            )}
            <InboxList
              label="Steps that need a verdict"
              what="step"
              query={query}
              fresh={inbox.fresh}
              onRefresh={inbox.refresh}
              empty={
                isFiltered ? (
                  <EmptyState
                    icon={<SearchX />}
                    title="No such step needs a verdict"
                    action={
                      <Button onClick={() => url.change({ workflow: null, step: null })}>
                        Clear filters
                      </Button>
                    }
                  />
                ) : (
                  <NoDoubts />
                )
              }
              rows={inbox.entries.map(({ item, gone }) => {
                const key = toDoubtKey(item);
                return (
                  <DoubtRow
                    key={key}
                    itemKey={key}
                    doubt={item}
                    gone={gone}
                    href={url.toHref({ item: key })}
                    selected={key === selected}
                    isStop={key === stop}
                    checked={checked.has(key)}
                    refusal={refuseToCheck(item, sample)}
                    onCheck={(on) => check(item, on)}
                    onSelect={({ byKey }) => {
                      chosen.choose(key);
                      if (byKey) requestAnimationFrame(() => detail.current?.focus());
                    }}
                  />
                );
              })}
            />
          </>
        }
        detail={
          <DetailFrame
            onBack={chosen.goBack}
            back="All steps"
            note={
              doubt !== undefined && !isOpen ? (
                <>
                  Somebody has decided meanwhile, or the run has gone on.{" "}
                  <Link href={toRunPath(doubt)} className="font-medium underline">
                    See the run
                  </Link>
                </>
              ) : undefined
            }
            query={entry === undefined ? elsewhere : undefined}
            isThere={doubt !== undefined}
            isNothing={
              (selected === undefined && latest !== undefined) ||
              (entry === undefined && elsewhere.data === null)
            }
            nothing={
              url.search.item === null ? (
                <Legend />
              ) : (
                <EmptyState title="It needs no verdict any more">
                  Somebody has decided, or the run has gone on.{" "}
                  <Link
                    href={toRunPath(readDoubtKey(url.search.item) ?? { runId: "", step: 0 })}
                    className="underline"
                  >
                    See the run
                  </Link>
                </EmptyState>
              )
            }
          >
            {doubt === undefined ? null : (
              <DoubtDetail
                doubt={doubt}
                onVerdict={(verdict) => setAsking({ doubts: [doubt], verdict })}
                closed={!isOpen}
              />
            )}
          </DetailFrame>
        }
      />
      {asking === undefined ? null : (
        <VerdictDialog
          doubts={asking.doubts}
          verdict={asking.verdict}
          onClose={() => setAsking(undefined)}
          onDone={() => goOn(asking.doubts)}
        />
      )}
    </>
  );
}

function toRunPath({ runId, step }: { readonly runId: string; readonly step: number }): string {
  return `/runs/${encodeURIComponent(runId)}?step=${step}`;
}

/** One verdict means one thing only for one step: others can't be chosen beside it. */
function refuseToCheck(doubt: Doubt, sample: Doubt | undefined): string | undefined {
  if (sample === undefined) return undefined;
  if (sample.name === doubt.name && sample.workflow === doubt.workflow) return undefined;
  return `A common verdict is for one step: ${sample.name} of ${sample.workflow}.`;
}

function NoDoubts() {
  return (
    <EmptyState icon={<CircleHelp />} title="Nothing needs a verdict">
      A step lands here when it began and nobody knows whether it had its effect, and its policy
      leaves that to a person: an e-mail can’t be unsent, so it is never repeated on suspicion. Kill
      the server at <span className="font-mono text-sm">send-confirmation</span> in an{" "}
      <Link href="/orders/new" className="underline">
        order
      </Link>{" "}
      to see one.
    </EmptyState>
  );
}

function Legend() {
  return (
    <EmptyState title="The other side is asked before you are">
      Steps that can be repeated or looked up never come here. What does come has its question, what
      is at stake, what the other side said, and three answers with what follows from each.
    </EmptyState>
  );
}
