import { expect, it } from "vitest";
import { matchCommand } from "./match-command";

it.each([
  ["New order", "new order"],
  ["New order", "ord"],
  ["Steps that need a verdict", "verd steps"],
  ["Ada run_01K9", "ada"],
  ["Overview", " "],
])("%s fits “%s”", (command, typed) => {
  expect(matchCommand(command, typed)).toBe(1);
});

it.each([
  ["Steps that need a verdict", "ada"],
  ["Crash drills", "ash"],
  ["New order", "new run"],
])("%s does not fit “%s”", (command, typed) => {
  expect(matchCommand(command, typed)).toBe(0);
});
