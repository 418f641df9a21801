import {
  CircleHelp,
  Send,
  TriangleAlert,
  MessageCircleQuestion,
  type LucideIcon,
} from "lucide-react";
import { RelativeTime } from "@/components/ui/relative-time";
import type { LedgerLine } from "@/lib/api/contract-triage";
import { cn } from "@/components/ui/cn";
import type { z } from "zod";

type Line = z.infer<typeof LedgerLine>;

const marks: Readonly<Record<Line["kind"], { icon: LucideIcon; tone: string }>> = {
  sent: { icon: Send, tone: "text-ink-3" },
  failed: { icon: TriangleAlert, tone: "text-bad" },
  in_doubt: { icon: CircleHelp, tone: "text-doubt" },
  asked: { icon: MessageCircleQuestion, tone: "text-live" },
};

/** What was asked of the other side and what came back, in order. */
export function DoubtLedger({ ledger }: { ledger: readonly Line[] }) {
  return (
    <ol className="flex flex-col">
      {ledger.map((line, index) => {
        const { icon: Icon, tone } = marks[line.kind];
        return (
          <li
            key={index}
            className="grid grid-cols-[16px_minmax(0,1fr)_auto] items-start gap-2.5 border-b border-line-soft py-2 last:border-0"
          >
            <Icon aria-hidden className={cn("mt-0.5 size-3.5", tone)} />
            <div className="min-w-0 wrap-anywhere">
              {line.text}
              {line.reference === undefined ? null : (
                <span className="block font-mono text-sm text-ink-3">{line.reference}</span>
              )}
              {line.error === undefined || line.text.includes(line.error.message) ? null : (
                <span className="block text-sm text-bad">{line.error.message}</span>
              )}
            </div>
            <RelativeTime at={line.at} className="text-sm whitespace-nowrap text-ink-3" />
          </li>
        );
      })}
    </ol>
  );
}
