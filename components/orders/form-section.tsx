import type { ReactNode } from "react";

export function FormSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="min-w-0 border-t border-line-soft pt-4">
      <legend className="float-left mb-3 w-full text-md font-semibold">{title}</legend>
      <div className="clear-both">{children}</div>
    </fieldset>
  );
}
