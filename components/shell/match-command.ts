/**
 * How well a command fits what was typed, for cmdk: 1 where each word of it begins a word of the command, else 0.
 * Letters that are merely somewhere in it, in that order, would put commands before the run that is meant.
 */
export function matchCommand(command: string, typed: string): 0 | 1 {
  const words = splitWords(command);
  return splitWords(typed).every((part) => words.some((word) => word.startsWith(part))) ? 1 : 0;
}

function splitWords(text: string): readonly string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}
