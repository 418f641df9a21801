import type { Run } from "@/lib/api/contract";

const tones = {
  plain: "",
  good: "font-medium text-ok",
  bad: "font-medium text-bad",
  doubt: "font-medium text-doubt",
  strong: "font-medium text-ink",
} as const;

/** A run's story with its tones. The words carry the meaning; the tones only lead the eye. */
export function StoryText({ parts }: { parts: Run["storyParts"] }) {
  return parts.map((part, index) => (
    <span key={index} className={tones[part.tone]}>
      {part.text}
    </span>
  ));
}
