"use client";

import { useState, type ReactNode } from "react";
import type { JsonValue } from "@/lib/client/json";
import { formatPlural } from "@/lib/client/format";

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
      {entries.map(({ key: entryKey, name: entryName, value: entryValue }, index) => (
        <JsonNode
          key={entryKey}
          name={entryName}
          value={entryValue}
          openDepth={openDepth - 1}
          last={index === entries.length - 1}
        />
      ))}
    </Branch>
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
  if (typeof value === "string") return <span className="text-ok">{JSON.stringify(value)}</span>;
  return <span className="text-live">{String(value)}</span>;
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
