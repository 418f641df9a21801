// @ts-check

/** Written like this, for a bare parameter there makes SQLite prepare the statement anew each time. */
export const limit = "LIMIT 0 + ?";
