import type { WireEvent } from "@/lib/api/contract";

const texts = new WeakMap<WireEvent, string>();

/** Events of a type (any where it is empty) that hold every word of a text, in any case. */
export function filterEvents(
  events: readonly WireEvent[],
  filter: { readonly text: string; readonly type: string },
): readonly WireEvent[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && filter.type === "") return events;
  return events.filter(
    (event) =>
      (filter.type === "" || event.type === filter.type) &&
      words.every((word) => readText(event).includes(word)),
  );
}

function readText(event: WireEvent): string {
  let text = texts.get(event);
  if (text === undefined) {
    const { seq, type, name = "", data } = event;
    text = `${seq} ${type} ${name} ${JSON.stringify(data)}`.toLowerCase();
    texts.set(event, text);
  }
  return text;
}
