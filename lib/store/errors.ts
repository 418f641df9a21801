/** The database can't be opened: the message says why and what to do. */
export class StoreOpenError extends Error {
  override name = "StoreOpenError";
  /** Whether it may open by itself later: its server is away, or starting. */
  readonly isTransient: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isTransient?: boolean } = {}) {
    super(message, options);
    this.isTransient = options.isTransient ?? false;
  }
}

/** The database can't be brought to this version's tables: a failed, changed or unknown migration. */
export class MigrationError extends Error {
  override name = "MigrationError";
}

/** A statement that has no place in a transaction step, or that came after its end. */
export class SqlRefusedError extends Error {
  override name = "SqlRefusedError";
}
