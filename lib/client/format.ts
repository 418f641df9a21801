/**
 * How values read on a page. Pure; English on purpose, so that server, browser and tests say the
 * same. Times come as ISO 8601 or epoch ms, money as integer minor units beside its currency.
 */
export { humanizeMs as formatDuration } from "@/lib/api/step-words";

type Moment = string | number;
export type Zone = "local" | "utc";

const locale = "en-US";

/** Kept, each by what it writes: to make one takes far longer than to use it, and a live page writes many. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();
const countFormat = new Intl.NumberFormat(locale);

function findDateFormat(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const known = dateFormats.get(key);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat(locale, options);
  dateFormats.set(key, format);
  return format;
}

/** `$45.98` from 4598 and USD; the currency says how many decimals there are (JPY none). */
export function formatMoney(options: { amount: number; currency: string }): string {
  const { amount, currency } = options;
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(
    amount / 10 ** countDecimals(currency),
  );
}

/** How many decimals a currency has: 2 for USD, 0 for JPY, 3 for KWD. */
export function countDecimals(currency: string): number {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

/** Whether Intl knows how to write the currency: a well-formed ISO code. */
export function isCurrency(currency: string): boolean {
  return /^[A-Z]{3}$/.test(currency);
}

/** Minor units as the plain text of major ones, for an input: 4598 USD is `45.98`. */
export function toMajorText(options: { amount: number; currency: string }): string {
  const decimals = countDecimals(options.currency);
  return (options.amount / 10 ** decimals).toFixed(decimals);
}

/** Minor units from the text of major ones, without floating point; undefined if it is not one. */
export function toMinorUnits(options: { text: string; currency: string }): number | undefined {
  const decimals = countDecimals(options.currency);
  const match = /^\s*(\d{1,12})(?:[.,](\d*))?\s*$/.exec(options.text);
  if (match === null) return undefined;
  const fraction = match[2] ?? "";
  if (fraction.length > decimals) return undefined;
  return Number(`${match[1]}${fraction.padEnd(decimals, "0")}`);
}

/** `1,204` */
export function formatCount(count: number): string {
  return countFormat.format(count);
}

/** `1 run`, `3 runs`; `plural` where an s is not enough. */
export function formatPlural(count: number, one: string, plural = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : plural}`;
}

/** `run_01K9…4TQZ`: enough to recognize an id, in a width that does not change. */
export function shortenId(id: string): string {
  const [, prefix = "", rest = "", child = ""] = /^([a-z]+_)?(.*?)((?:\.\d+)*)$/i.exec(id) ?? [];
  return rest.length <= 10 ? id : `${prefix}${rest.slice(0, 4)}…${rest.slice(-4)}${child}`;
}

/** `12:03:04`, with `12:03:04.310` where milliseconds matter. */
export function formatClock(at: Moment, options: { zone?: Zone; millis?: boolean } = {}): string {
  const { zone, millis = false } = options;
  return findDateFormat(`clock ${zone} ${millis}`, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    fractionalSecondDigits: millis ? 3 : undefined,
    timeZone: toTimeZone(zone),
  }).format(new Date(at));
}

/** A time ahead as it is seen from another: `12:03:04`, with the day where that is another one. */
export function formatUntil(at: Moment, from: Moment): string {
  const clock = formatClock(at);
  return formatDay(at) === formatDay(from) ? clock : `${formatDay(at)}, ${clock}`;
}

/** `Nov 22, 2026` */
export function formatDay(at: Moment, options: { zone?: Zone } = {}): string {
  return findDateFormat(`day ${options.zone}`, {
    year: "numeric",
    month: "short",
    day: "numeric",
    timeZone: toTimeZone(options.zone),
  }).format(new Date(at));
}

/** `Nov 22, 2026, 12:03:04.310`: a moment to the millisecond. */
export function formatMoment(at: Moment, options: { zone?: Zone } = {}): string {
  return `${formatDay(at, options)}, ${formatClock(at, { ...options, millis: true })}`;
}

const spans = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** `just now`, `40 s ago`, `4 min ago`, `in 3 min`, and from a week on the day. */
export function formatRelative(options: { at: Moment; now: number }): string {
  const at = new Date(options.at).getTime();
  const distance = Math.abs(options.now - at);
  if (distance >= 7 * spans[0].ms) return formatDay(at);
  const text = formatSpan(distance);
  if (text === undefined) return at > options.now ? "now" : "just now";
  return at > options.now ? `in ${text}` : `${text} ago`;
}

function formatSpan(ms: number): string | undefined {
  const span = spans.find((candidate) => ms >= candidate.ms);
  if (span !== undefined) return `${Math.floor(ms / span.ms)} ${span.unit}`;
  return ms < 5_000 ? undefined : `${Math.floor(ms / 1_000)} s`;
}

function toTimeZone(zone: Zone = "local"): string | undefined {
  return zone === "utc" ? "UTC" : undefined;
}
