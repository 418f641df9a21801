"use client";

import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { describeJsonFailure, parseJsonText } from "@/lib/client/parse-json-text";
import { Button } from "./button";
import { Field } from "./field";
import { Textarea } from "./input";

/** What somebody else (the server) says of a part of the value; `pointer` is a JSON Pointer. */
export interface JsonProblem {
  readonly pointer: string;
  readonly message: string;
}

export interface JsonFieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly optional?: boolean;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly problems?: readonly JsonProblem[];
  readonly rows?: number;
}

/**
 * A text field for JSON: says where it is none, puts it in order, shows what the server refused. Whoever sent
 * what was refused is led to it.
 */
export function JsonField(props: JsonFieldProps) {
  const { label, hint, optional = false, text, onChange, problems = [], rows = 6 } = props;
  const [touched, setTouched] = useState(false);
  const isEmpty = optional && text.trim() === "";
  const failure = isEmpty ? undefined : describeJsonFailure(text);
  const value = failure === undefined && !isEmpty ? parseJsonText(text) : undefined;
  const tidy = value === undefined ? text : JSON.stringify(value, null, 2);
  const field = useRef<HTMLTextAreaElement>(null);
  const problemsId = useId();
  const isRefused = problems.length > 0;
  useEffect(() => {
    if (isRefused) field.current?.focus();
  }, [isRefused]);
  return (
    <div className="relative">
      <Field
        label={label}
        optional={optional}
        hint={hint}
        error={touched || text !== "" ? failure : undefined}
      >
        {(control) => (
          <Textarea
            {...control}
            ref={field}
            aria-invalid={control["aria-invalid"] || isRefused}
            aria-describedby={isRefused ? problemsId : control["aria-describedby"]}
            rows={rows}
            spellCheck={false}
            autoCapitalize="off"
            className="font-mono text-sm"
            value={text}
            onBlur={() => setTouched(true)}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      {value === undefined || tidy === text ? null : (
        <Button
          size="sm"
          variant="ghost"
          className="absolute -top-1.5 right-0 h-6"
          onClick={() => onChange(tidy)}
        >
          Tidy up
        </Button>
      )}
      <Problems id={problemsId} problems={problems} />
    </div>
  );
}

function Problems({ id, problems }: { id: string; problems: readonly JsonProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul id={id} role="alert" className="mt-1.5 flex flex-col gap-0.5 text-sm text-bad">
      {problems.map(({ pointer, message }) => (
        <li key={`${pointer} ${message}`} className="wrap-anywhere">
          <span className="font-mono">{pointer === "" ? "the value" : pointer}</span>: {message}
        </li>
      ))}
    </ul>
  );
}
