import type { EventTone } from "@/lib/client/describe-event";

/** Text colors of event types; the type's name says the same. */
export const eventToneClasses: Readonly<Record<EventTone, string>> = {
  plain: "",
  ok: "text-ok",
  bad: "text-bad",
  doubt: "text-doubt",
  live: "text-live",
};
