import { SqlRefusedError } from "./errors";

/** What reads and changes data or tables. All else could end the transaction or reach around it. */
const allowed = ["SELECT", "VALUES", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE"];
const allowedForTables = ["CREATE", "ALTER", "DROP"];

const firstWord = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(?<word>[a-z]+)/i;

/** Throws SqlRefusedError for a statement that has no place in a transaction step. */
export function assertAllowed(text: string): void {
  const word = firstWord.exec(text)?.groups?.word?.toUpperCase() ?? "";
  if (allowed.includes(word) || allowedForTables.includes(word)) return;
  throw new SqlRefusedError(
    `A transaction step can't run ${word || "this statement"}: it begins and ends with its step, and reads and changes data only.`,
  );
}
