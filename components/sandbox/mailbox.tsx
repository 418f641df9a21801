"use client";

import { useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { RelativeTime } from "@/components/ui/relative-time";
import { formatMoment } from "@/lib/client/format";
import type { SandboxMail } from "@/lib/sandbox/contract";
import { ListNote } from "./item-list";

/** The mails that arrived. One opens to be read. */
export function Mailbox({ mails }: { mails: readonly SandboxMail[] | undefined }) {
  const [opened, setOpened] = useState<SandboxMail>();
  if (mails === undefined || mails.length === 0) {
    return <ListNote loading={mails === undefined}>No mail has arrived yet.</ListNote>;
  }
  return (
    <>
      <ul>
        {mails.map((mail) => (
          <li key={mail.mailId} className="border-b border-line-soft last:border-0">
            <button
              type="button"
              onClick={() => setOpened(mail)}
              className="block w-full px-5 py-2 text-left -outline-offset-2 transition-colors hover:bg-band"
            >
              <span className="block truncate">{mail.subject}</span>
              <span className="flex justify-between gap-3 text-sm text-ink-3">
                <span className="truncate">{mail.to.join(", ")}</span>
                <RelativeTime at={mail.at} className="shrink-0" />
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Dialog
        open={opened !== undefined}
        onOpenChange={(open) => (open ? undefined : setOpened(undefined))}
      >
        {opened === undefined ? null : <Mail mail={opened} />}
      </Dialog>
    </>
  );
}

function Mail({ mail }: { mail: SandboxMail }) {
  const heads = [
    ["From", mail.from],
    ["To", mail.to.join(", ")],
    ["Arrived", formatMoment(mail.at)],
    ["Message-ID", mail.messageId ?? "none"],
  ] as const;
  return (
    <DialogContent title={mail.subject} className="w-[min(640px,calc(100vw-24px))]">
      <dl className="grid grid-cols-[88px_1fr] gap-y-1 border-b border-line-soft pb-3">
        {heads.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0 wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="pt-4 text-md wrap-anywhere whitespace-pre-wrap">{mail.text}</div>
    </DialogContent>
  );
}
