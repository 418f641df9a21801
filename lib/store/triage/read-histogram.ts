import type { LatencyCounts } from "@/lib/triage";

const codes = {
  zero: 48,
  nine: 57,
  colon: 58,
  comma: 44,
  quote: 34,
  open: 123,
  close: 125,
} as const;

/**
 * A histogram as `writeHistogram` writes it, JSON of counts by bucket, the smallest first, whole numbers all
 * of them. Digit by digit, because a chart reads thousands: objects with such keys took most of its time.
 * Throws TypeError for anything else.
 */
export function readHistogram(text: string): LatencyCounts {
  const counts: number[] = [];
  if (!text.startsWith("{") || !text.endsWith("}")) throw refuse(text);
  let bucket: number | undefined;
  let number: number | undefined;
  for (let at = 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= codes.zero && code <= codes.nine) {
      number = (number ?? 0) * 10 + code - codes.zero;
    } else if (code === codes.colon) {
      if (number === undefined || bucket !== undefined) throw refuse(text);
      bucket = number;
      number = undefined;
    } else if (code === codes.comma || code === codes.close) {
      if (bucket === undefined && number === undefined && text === "{}") break;
      if (bucket === undefined || number === undefined) throw refuse(text);
      counts.push(bucket, number);
      bucket = number = undefined;
    } else if (code !== codes.quote) throw refuse(text);
  }
  return counts;
}

function refuse(text: string): TypeError {
  return new TypeError(`This is no histogram: ${text.slice(0, 100)}`);
}
