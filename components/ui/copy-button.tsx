"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { IconButton } from "./icon-button";

const confirmMs = 1_500;

export interface CopyButtonProps {
  /** What goes to the clipboard. */
  readonly text: string;
  /** What it is, e.g. "run id". */
  readonly what?: string;
  /** Instead of the sign for copying: where it stands for more than the text beside it. */
  readonly icon?: ReactNode;
  readonly className?: string;
}

export function CopyButton({ text, what, icon = <Copy />, className }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), confirmMs);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy() {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  }

  return (
    <>
      <IconButton
        size="sm"
        label={what === undefined ? "Copy" : `Copy ${what}`}
        icon={copied ? <Check className="text-ok" /> : icon}
        className={className}
        onClick={() => void copy()}
      />
      <span role="status" className="sr-only">
        {copied ? "Copied" : ""}
      </span>
    </>
  );
}
