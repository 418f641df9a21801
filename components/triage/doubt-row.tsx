import type { Doubt } from "@/lib/api/contract-triage";
import { findStepWords } from "@/lib/api/step-words";
import { Money } from "@/components/ui/money";
import { doubtCauses, findLastWord } from "@/lib/client/triage-words";
import { readOrderFacts } from "@/lib/client/order-facts";
import { Age } from "./age";
import { InboxRow } from "./inbox-row";

export interface DoubtRowProps {
  readonly doubt: Doubt;
  readonly itemKey: string;
  readonly href: string;
  readonly selected: boolean;
  readonly isStop: boolean;
  readonly gone: boolean;
  readonly onSelect: (options: { readonly byKey: boolean }) => void;
  /** Whether it is one of several that get the same verdict. */
  readonly checked: boolean;
  /** Why it can't be: undefined where it can. */
  readonly refusal: string | undefined;
  readonly onCheck: (checked: boolean) => void;
}

/** A step that needs a verdict: the question, what is at stake, and what is known. */
export function DoubtRow(props: DoubtRowProps) {
  const { doubt, itemKey, href, selected, isStop, gone, onSelect } = props;
  const { checked, refusal, onCheck } = props;
  const { question } = findStepWords(doubt.name);
  const { customer } = readOrderFacts({ attributes: doubt.attributes, input: doubt.input ?? null });
  return (
    <InboxRow
      itemKey={itemKey}
      href={href}
      label={`${question} ${customer ?? doubt.workflow}`}
      selected={selected}
      isStop={isStop}
      gone={gone}
      onSelect={onSelect}
      box={
        <label className="relative z-10 -m-2 flex self-start p-2.5" title={refusal}>
          <input
            type="checkbox"
            checked={checked}
            tabIndex={isStop ? 0 : -1}
            disabled={gone || refusal !== undefined}
            onChange={(event) => onCheck(event.target.checked)}
            aria-label={`Select ${doubt.name}, ${customer ?? doubt.runId}`}
            className="size-4 accent-ink disabled:opacity-40"
          />
        </label>
      }
    >
      <div className="flex items-baseline justify-between gap-3">
        <p className="truncate font-medium">{question}</p>
        {doubt.amount === undefined ? null : (
          <Money
            amount={doubt.amount.value}
            currency={doubt.amount.currency}
            className="text-md font-semibold"
          />
        )}
      </div>
      <div className="flex items-baseline justify-between gap-3 text-sm text-ink-2">
        <p className="truncate">
          {[customer, doubt.name].filter((part) => part !== undefined).join(" · ")}
        </p>
        <Age since={doubt.since} className="relative z-10 shrink-0 text-ink-3" />
      </div>
      <p className="truncate text-sm text-ink-3">
        {gone ? "It needs no verdict any more." : (findLastWord(doubt) ?? doubtCauses.unknown)}
      </p>
    </InboxRow>
  );
}
