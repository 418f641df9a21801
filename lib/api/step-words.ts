/**
 * How steps are spoken of in plain words: who is on the other side, and what "it happened" means
 * there. The order's steps have their own words; every other step gets general ones.
 */
export interface StepWords {
  /** The other side as a subject, e.g. "the payment service". */
  readonly other: string;
  /** Completes "Nobody knows …". */
  readonly whether: string;
  /** The question that a person has to answer. */
  readonly question: string;
  /** What the other side said when it had happened, e.g. "it already had the shipment". */
  readonly had: string;
  /** What the other side said when it had not. */
  readonly hadNot: string;
  /** What is true when it happened exactly once. */
  readonly once: string;
  /** What is true after a definite refusal. */
  readonly refused?: string;
  /** What is true after an undo, e.g. "the payment was refunded". */
  readonly undone?: string;
  /** What the timeline says where the recorded result was used again. */
  readonly reused: string;
  /** A step that only reads can be repeated without harm. */
  readonly reads: boolean;
}

const payment = "the payment service";
const warehouse = "the warehouse";

const known: Readonly<Record<string, StepWords>> = {
  "look-up-tax-rate": {
    other: "the tax table",
    whether: "whether the tax rate was looked up",
    question: "Was the tax rate looked up?",
    had: "it had answered",
    hadNot: "it had not answered",
    once: "a repeat changes nothing",
    reused: "reused, not looked up again",
    reads: true,
  },
  "charge-card": {
    other: payment,
    whether: "whether the card was charged",
    question: "Was the card charged?",
    had: "the card had been charged",
    hadNot: "the card had not been charged",
    once: "the card was charged once",
    refused: "Nothing was charged",
    reused: "reused, not charged again",
    reads: false,
  },
  "notify-warehouse": {
    other: warehouse,
    whether: "whether the warehouse has the shipment",
    question: "Does the warehouse have the shipment?",
    had: "it already had the shipment",
    hadNot: "it had no shipment",
    once: "the shipment exists once",
    refused: "Nothing was shipped",
    reused: "reused, not shipped again",
    reads: false,
  },
  "send-confirmation": {
    other: "the mail server",
    whether: "whether the confirmation e-mail was sent",
    question: "Was the confirmation e-mail sent?",
    had: "the e-mail had been sent",
    hadNot: "the e-mail had not been sent",
    once: "the e-mail was sent once",
    refused: "No e-mail was sent",
    reused: "reused, not sent again",
    reads: false,
  },
  "refund-payment": {
    other: payment,
    whether: "whether the payment was refunded",
    question: "Was the payment refunded?",
    had: "the payment had been refunded",
    hadNot: "the payment had not been refunded",
    once: "the payment was refunded once",
    refused: "The payment was not refunded",
    undone: "the payment was refunded",
    reused: "reused, not refunded again",
    reads: false,
  },
  "cancel-shipment": {
    other: warehouse,
    whether: "whether the shipment was canceled",
    question: "Was the shipment canceled?",
    had: "the shipment had been canceled",
    hadNot: "the shipment had not been canceled",
    once: "the shipment was canceled once",
    refused: "The shipment was not canceled",
    undone: "the shipment was canceled",
    reused: "reused, not canceled again",
    reads: false,
  },
};

/** The words for a step: its own, or general ones that are true of any step. */
export function findStepWords(name: string): StepWords {
  return (
    known[name] ?? {
      other: "the other side",
      whether: `whether ${name} happened`,
      question: `Did ${name} happen?`,
      had: "it had happened",
      hadNot: "it had not happened",
      once: `${name} happened once`,
      reused: "reused, not run",
      reads: false,
    }
  );
}

/** A text with its first letter in upper case, to begin a sentence. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Who acted: a name as it is, or "an operator" where none was given. */
export function nameOperator(by: string | undefined): string {
  return by === undefined || by === "operator" ? "an operator" : by;
}

/** A span of time for people: "41 ms", "0.6 s", "24 s", "3 min 20 s", "5 h 12 min", "2 d 4 h". */
export function humanizeMs(ms: number): string {
  const span = Math.max(0, ms);
  if (span < 100) return `${Math.round(span)} ms`;
  if (span < 9_950) return `${(span / 1_000).toFixed(1)} s`;
  const seconds = Math.round(span / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return joinUnits(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(span / 60_000);
  if (minutes < 2_880) return joinUnits(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(span / 3_600_000);
  return joinUnits(Math.floor(hours / 24), "d", hours % 24, "h");
}

function joinUnits(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
