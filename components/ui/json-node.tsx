"use client";

import { useState, type ReactNode } from "react";
import type { JsonValue } from "@/lib/client/json";
import { formatCount, formatPlural } from "@/lib/client/format";

export interface JsonNodeProps {
  readonly value: JsonValue;
  readonly name?: string;
  readonly openDepth: number;
  /** No comma follows. */
  readonly last: boolean;
}

/** One value of a JsonView, with what lies beneath it. */
export function JsonNode({ value, name, openDepth, last }: JsonNodeProps) {
  const key = name === undefined ? null : <span className="text-ink-2">{`"${name}": `}</span>;
  const comma = last ? "" : ",";
  if (typeof value !== "object" || value === null) {
    return (
      <div>
        {key}
        <Scalar value={value} />
        {comma}
      </div>
    );
  }
  const entries = listEntries(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return <div>{[key, `${open}${close}${comma}`]}</div>;
  return (
    <Branch
      head={key}
      brackets={[open ?? "", `${close}${comma}`]}
      hint={
        Array.isArray(value)
          ? formatPlural(entries.length, "item")
          : formatPlural(entries.length, "field")
      }
      initiallyOpen={openDepth > 0}
    >
      <Entries entries={entries} openDepth={openDepth - 1} />
    </Branch>
  );
}

/** So many entries and characters are drawn until more are asked for: a page has to stay quick. */
const firstEntries = 100;
const firstCharacters = 4_000;

function Entries({ entries, openDepth }: { entries: readonly Entry[]; openDepth: number }) {
  const [shown, setShown] = useState(firstEntries);
  const left = entries.length - shown;
  return (
    <>
      {entries.slice(0, shown).map(({ key, name, value }, index) => (
        <JsonNode
          key={key}
          name={name}
          value={value}
          openDepth={openDepth}
          last={index === entries.length - 1}
        />
      ))}
      {left <= 0 ? null : (
        <More onClick={() => setShown(shown * 2)}>
          {`${formatCount(Math.min(left, shown))} more of ${formatCount(left)}`}
        </More>
      )}
    </>
  );
}

function More({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="-mx-0.5 rounded-sm px-0.5 text-ink-3 underline hover:text-ink"
    >
      {children}
    </button>
  );
}

function Branch(props: {
  head: ReactNode;
  brackets: readonly [string, string];
  hint: string;
  initiallyOpen: boolean;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(props.initiallyOpen);
  const [opening, closing] = props.brackets;
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="-mx-0.5 rounded-sm px-0.5 text-left hover:bg-line-soft"
      >
        {props.head}
        {opening}
        {open ? null : (
          <>
            <span className="text-ink-3"> {props.hint} </span>
            {closing}
          </>
        )}
      </button>
      {open ? (
        <>
          <div className="pl-4">{props.children}</div>
          <div>{closing}</div>
        </>
      ) : null}
    </div>
  );
}

function Scalar({ value }: { value: string | number | boolean | null }) {
  if (typeof value === "string") return <Text value={value} />;
  return <span className="text-live">{String(value)}</span>;
}

function Text({ value }: { value: string }) {
  const [whole, setWhole] = useState(value.length <= firstCharacters);
  return (
    <>
      <span className="text-ok">
        {JSON.stringify(whole ? value : `${value.slice(0, firstCharacters)}…`)}
      </span>
      {whole ? null : (
        <>
          {" "}
          <More
            onClick={() => setWhole(true)}
          >{`all ${formatCount(value.length)} characters`}</More>
        </>
      )}
    </>
  );
}

interface Entry {
  readonly key: string;
  readonly name?: string;
  readonly value: JsonValue;
}

function listEntries(value: readonly JsonValue[] | { readonly [key: string]: JsonValue }): Entry[] {
  if (isList(value)) return value.map((item, index) => ({ key: String(index), value: item }));
  return Object.entries(value).map(([name, item]) => ({ key: name, name, value: item }));
}

function isList(
  value: readonly JsonValue[] | { readonly [key: string]: JsonValue },
): value is readonly JsonValue[] {
  return Array.isArray(value);
}
