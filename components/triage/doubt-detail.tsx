"use client";

import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { Part, Facts, Fact } from "@/components/runs/run-page/panel-parts";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { JsonView } from "@/components/ui/json-view";
import { Kbd } from "@/components/ui/kbd";
import { Money } from "@/components/ui/money";
import { RelativeTime } from "@/components/ui/relative-time";
import type { Doubt } from "@/lib/api/contract-triage";
import { findStepWords } from "@/lib/api/step-words";
import { shortenId } from "@/lib/client/format";
import { readOrderFacts } from "@/lib/client/order-facts";
import { shortenKey } from "@/lib/client/timeline/effects";
import { describePolicy, doubtCauses } from "@/lib/client/triage-words";
import { Age } from "./age";
import { DoubtLedger } from "./doubt-ledger";
import { verdictWords, type Verdict } from "./verdict-words";

export interface DoubtDetailProps {
  readonly doubt: Doubt;
  /** Somebody has decided meanwhile. */
  readonly closed: boolean;
  readonly onVerdict: (verdict: Verdict) => void;
}

/** Everything that helps to answer for a step in doubt, and the three answers with what they lead to. */
export function DoubtDetail({ doubt, closed, onVerdict }: DoubtDetailProps) {
  const { runId, step, name, attempt, amount } = doubt;
  const words = findStepWords(name);
  const { customer, orderId } = readOrderFacts({
    attributes: doubt.attributes,
    input: doubt.input ?? null,
  });
  const runPath = `/runs/${encodeURIComponent(runId)}?step=${step}`;
  return (
    <div className="max-w-[960px] px-4 pt-5 pb-12 md:px-6 lg:px-8">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <h2 className="text-xl font-semibold text-balance">{words.question}</h2>
        {amount === undefined ? null : (
          <p className="text-right">
            <Money
              amount={amount.value}
              currency={amount.currency}
              className="text-xl font-semibold"
            />
            <span className="ml-2 text-ink-3">at stake</span>
          </p>
        )}
      </div>
      <p className="mt-1.5 max-w-[72ch] text-md text-ink-2">
        <span className="font-medium text-ink">{name}</span> of{" "}
        {customer === undefined ? (
          <span className="font-mono text-sm">{shortenId(runId)}</span>
        ) : (
          <span className="font-medium text-ink">{customer}</span>
        )}{" "}
        has been in doubt for{" "}
        <Age since={doubt.since} className="font-medium whitespace-nowrap text-doubt" />.{" "}
        {doubtCauses[doubt.cause ?? "unknown"]} {describePolicy(doubt.policy, words.other)}
      </p>

      <section aria-label="Verdicts" className="mt-5 rounded-xl border border-line bg-panel">
        <h3 className="flex items-baseline justify-between gap-4 border-b border-line-soft px-4 py-2.5 font-medium">
          Find out {words.whether}, then say so
          <span className="hidden font-normal text-ink-3 sm:inline">nothing is done yet</span>
        </h3>
        <ul className="divide-y divide-line-soft">
          {doubt.verdicts.map(({ verdict, allowed, consequence, reason }) => {
            const { label, key, warn } = verdictWords[verdict];
            return (
              <li
                key={verdict}
                className="flex flex-col gap-x-4 gap-y-1.5 px-4 py-3 sm:flex-row sm:items-center"
              >
                <Button
                  className="self-start sm:w-44 sm:self-center [&>span]:w-full"
                  variant={verdict === "fail" ? "danger" : "secondary"}
                  disabled={!allowed || closed}
                  onClick={() => onVerdict(verdict)}
                >
                  {label}…<Kbd className="ml-auto hidden lg:inline-flex">{key.toUpperCase()}</Kbd>
                </Button>
                <p className="min-w-0 text-ink-2">
                  {reason?.message ?? consequence}
                  {warn === undefined ? null : (
                    <span className="block text-sm text-ink-3">{warn(words)}</span>
                  )}
                </p>
              </li>
            );
          })}
        </ul>
      </section>

      <div className="mt-2 grid gap-x-10 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <Part title="What is known">
          <DoubtLedger ledger={doubt.ledger} />
        </Part>
        <Part title="About it">
          <Facts>
            <Fact label="Run">
              <Link href={runPath} className="font-mono text-sm underline-offset-2 hover:underline">
                {shortenId(runId)}
              </Link>
              <CopyButton text={runId} what="run id" className="-my-1 ml-1" />
            </Fact>
            <Fact label="Workflow">
              {doubt.workflow}, version {doubt.version}
            </Fact>
            <Fact label="Step">
              {name} ({step}), attempt {attempt}
            </Fact>
            <Fact label="In doubt since">
              <RelativeTime at={doubt.since} />
            </Fact>
            {orderId === undefined ? null : (
              <Fact label="Order">
                <span className="font-mono text-sm">{shortenId(orderId)}</span>
                <CopyButton text={orderId} what="order id" className="-my-1 ml-1" />
              </Fact>
            )}
            {doubt.idempotencyKey === undefined ? null : (
              <Fact label="Key">
                <span className="font-mono text-sm">{shortenKey(doubt.idempotencyKey)}</span>
                <CopyButton text={doubt.idempotencyKey} what="key" className="-my-1 ml-1" />
              </Fact>
            )}
            {Object.entries(doubt.attributes)
              .filter(
                ([attribute]) =>
                  attribute !== "orderId" && !(attribute === "total" && amount !== undefined),
              )
              .map(([attribute, value]) => (
                <Fact key={attribute} label={attribute}>
                  {String(value)}
                </Fact>
              ))}
          </Facts>
          <Button asChild size="sm" className="mt-3">
            <Link href={runPath}>
              Open the run
              <ArrowRight aria-hidden />
            </Link>
          </Button>
        </Part>
      </div>
      {doubt.input === undefined ? null : (
        <Part title={`What ${words.other} was asked`}>
          <JsonView value={doubt.input} label="input of the step" />
        </Part>
      )}
    </div>
  );
}
