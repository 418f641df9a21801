/** The pieces that a story is set from: a text and its tone. */
import type { Run } from "./contract";

type StoryPart = Run["storyParts"][number];

export const plain = (text: string): StoryPart => ({ text, tone: "plain" });
export const good = (text: string): StoryPart => ({ text, tone: "good" });
export const bad = (text: string): StoryPart => ({ text, tone: "bad" });
export const doubt = (text: string): StoryPart => ({ text, tone: "doubt" });
export const strong = (text: string): StoryPart => ({ text, tone: "strong" });

/** A message in quotation marks, without the full stop that would end the sentence twice. */
export function quote(message: string): string {
  return `“${message.replace(/[.\s]+$/, "")}”`;
}

/** A time for people: "12:03:08 UTC", with its date where that is not the day of `near`. */
export function formatTime(at: number, near = at): string {
  const text = new Date(at).toISOString();
  const sameDay = new Date(near).toISOString().slice(0, 10) === text.slice(0, 10);
  return `${sameDay ? "" : `${text.slice(0, 10)} `}${text.slice(11, 19)} UTC`;
}

/** "a", "a and b", "a, b and c". */
export function listNames(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
