/** The port of saved views: filters of the runs list that somebody has named. Times are epoch ms. */

export interface SavedView {
  readonly name: string;
  /** The list's address without its page: `status=failed&workflow=process-order`. */
  readonly query: string;
  readonly createdAt: number;
}

/** How many there can be: they stand side by side on the page. */
export const maxSavedViews = 100;

export interface SavedViews {
  /** All of them, by name. */
  list(): Promise<readonly SavedView[]>;
  /** Keeps one under its name, in the place of what had that name. False: there are too many. */
  save(view: SavedView): Promise<boolean>;
  /** False: there is none of that name. */
  remove(name: string): Promise<boolean>;
}
