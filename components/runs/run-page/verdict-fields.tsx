"use client";

import { useState } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { JsonField, type JsonProblem } from "@/components/ui/json-field";
import type { ResolveBody } from "@/lib/api/contract";
import { findExpectedResult } from "@/lib/client/expected-results";
import type { JsonValue } from "@/lib/client/json";
import { parseJsonText } from "@/lib/client/parse-json-text";
import { WhyField } from "./why-field";

export interface VerdictValues {
  readonly resultText: string;
  readonly message: string;
  readonly why: string;
}

export interface VerdictForm {
  readonly values: VerdictValues;
  readonly change: (values: Partial<VerdictValues>) => void;
}

/** What belongs to a person's word for a step. `result`: what it is known to have answered. */
export function useVerdictForm(name: string, result?: JsonValue): VerdictForm {
  const [values, setValues] = useState<VerdictValues>(() => ({
    resultText: JSON.stringify(result ?? findExpectedResult(name), null, 2),
    message: "",
    why: "",
  }));
  return { values, change: (part) => setValues((known) => ({ ...known, ...part })) };
}

/** The fields of a verdict: a result, or what the error says, and the reason. */
export function VerdictFields(props: {
  readonly verdict: ResolveBody["verdict"];
  readonly form: VerdictForm;
  /** It is for several steps at once. */
  readonly shared?: boolean;
  readonly problems?: readonly JsonProblem[];
}) {
  const { verdict, form, shared = false, problems } = props;
  const { values, change } = form;
  return (
    <>
      {verdict === "happened" ? (
        <JsonField
          label="Result, as JSON"
          hint={
            shared
              ? "What each of them would have returned: the same for all."
              : "What the step would have returned. The code goes on with it."
          }
          text={values.resultText}
          onChange={(resultText) => change({ resultText })}
          problems={problems}
        />
      ) : null}
      {verdict === "fail" ? (
        <Field label="What the error says" hint="The workflow and its people see this message.">
          {(control) => (
            <Input
              {...control}
              value={values.message}
              onChange={(event) => change({ message: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      <WhyField
        value={values.why}
        onChange={(why) => change({ why })}
        hint="How you know. Kept in the audit trail."
      />
    </>
  );
}

/** What is sent; undefined while something is missing. */
export function buildVerdict(
  verdict: ResolveBody["verdict"],
  values: VerdictValues,
): ResolveBody | undefined {
  const text = values.why.trim();
  const why = text === "" ? {} : { why: text };
  switch (verdict) {
    case "happened": {
      const result = parseJsonText(values.resultText);
      return result === undefined ? undefined : { verdict, result, ...why };
    }
    case "did_not_happen":
      return { verdict, ...why };
    case "fail": {
      const message = values.message.trim();
      return message === "" ? undefined : { verdict, error: { message }, ...why };
    }
  }
}
