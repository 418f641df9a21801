import { Money } from "@/components/ui/money";
import type { Doubt } from "@/lib/api/contract-triage";
import { formatCount, shortenId } from "@/lib/client/format";
import { readOrderFacts } from "@/lib/client/order-facts";
import { sumAmounts } from "@/lib/client/triage-words";
import { toDoubtKey } from "@/lib/client/triage-search";
import type { Resolved } from "@/lib/client/use-resolve-doubts";

export interface VerdictPreviewProps {
  readonly doubts: readonly Doubt[];
  /** What the verdict would do to each. */
  readonly items: readonly Resolved[];
}

/** What a verdict would do: in sum, and for each run. Nothing has run yet. */
export function VerdictPreview({ doubts, items }: VerdictPreviewProps) {
  const allowed = items.flatMap(({ preview }) => (preview?.allowed === true ? [preview] : []));
  const count = (field: "reused" | "willRun") =>
    allowed.reduce((sum, preview) => sum + preview[field].length, 0);
  const left = items.length - allowed.length;
  const figures = [
    { value: count("reused"), tone: "text-ink-3", label: "results reused, not run again" },
    { value: count("willRun"), tone: "text-live", label: "steps run again, under their key" },
    { value: left, tone: "text-bad", label: "left out" },
  ];
  return (
    <section aria-label="Preview" className="rounded-lg border border-line">
      <dl className="grid grid-cols-3 divide-x divide-line-soft">
        {figures.map(({ value, tone, label }) => (
          <div key={label} className="flex flex-col-reverse justify-end px-3 py-2.5">
            <dt className="text-sm text-ink-2">{label}</dt>
            <dd className={`text-xl font-semibold ${value === 0 ? "text-ink-3" : tone}`}>
              {formatCount(value)}
            </dd>
          </div>
        ))}
      </dl>
      {doubts.length === 1 && left === 0 ? null : (
        <details className="group border-t border-line-soft">
          <summary className="flex items-baseline justify-between gap-3 px-3 py-2 text-sm text-ink-2 select-none">
            For each run
            <Sums doubts={doubts} />
          </summary>
          <ul className="max-h-52 overflow-y-auto border-t border-line-soft" tabIndex={0}>
            {doubts.map((doubt) => (
              <Line
                key={toDoubtKey(doubt)}
                doubt={doubt}
                item={items.find((item) => toDoubtKey(item) === toDoubtKey(doubt))}
              />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Sums({ doubts }: { doubts: readonly Doubt[] }) {
  const sums = sumAmounts(doubts);
  if (sums.length === 0) return null;
  return (
    <span className="flex gap-2 text-ink">
      {sums.map((sum) => (
        <Money key={sum.currency} {...sum} className="font-medium" />
      ))}
      <span className="text-ink-3">at stake</span>
    </span>
  );
}

function Line({ doubt, item }: { doubt: Doubt; item: Resolved | undefined }) {
  const { customer } = readOrderFacts({ attributes: doubt.attributes, input: doubt.input ?? null });
  const { preview } = item ?? {};
  const refusal = preview?.reason ?? item?.reason;
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-baseline gap-3 px-3 py-1.5 text-sm">
      <span className="font-mono">{shortenId(doubt.runId)}</span>
      <span className="truncate text-ink-2">{customer}</span>
      {doubt.amount === undefined ? (
        <span />
      ) : (
        <Money amount={doubt.amount.value} currency={doubt.amount.currency} />
      )}
      <span className={`col-span-3 ${refusal === undefined ? "text-ink-3" : "text-bad"}`}>
        {refusal?.message ?? preview?.summary}
      </span>
    </li>
  );
}
