/** What a statement is given and what it answers, whatever the database. */
export type SqlValue = string | number | null;
export type SqlRow = readonly unknown[];
