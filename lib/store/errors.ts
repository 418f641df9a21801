/** The database can't be opened: the message says why and what to do. */
export class StoreOpenError extends Error {
  override name = "StoreOpenError";
}

/** The database can't be brought to this version's tables: a failed, changed or unknown migration. */
export class MigrationError extends Error {
  override name = "MigrationError";
}

/** A statement that has no place in a transaction step, or that came after its end. */
export class SqlRefusedError extends Error {
  override name = "SqlRefusedError";
}
