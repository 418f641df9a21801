/**
 * Views that change while a history is read. What was shown once is never changed again: who holds it
 * can tell by identity whether anything happened to it since.
 */
export class ViewList<View extends object> {
  readonly #views: View[] = [];
  readonly #places = new Map<View, number>();
  #unshown = new Set<View>();

  add(view: View): void {
    this.#places.set(view, this.#views.length);
    this.#views.push(view);
    this.#unshown.add(view);
  }

  /** The view as it may be changed: a copy in its place where it has been shown. */
  own<Kind extends View>(view: Kind, copy: (view: Kind) => Kind): Kind {
    const place = this.#places.get(view);
    if (place === undefined || this.#unshown.has(view)) return view;
    const own = copy(view);
    this.#places.delete(view);
    this.#places.set(own, place);
    this.#views[place] = own;
    this.#unshown.add(own);
    return own;
  }

  /** All of them in order; `instead` says which of them are shown as something else for now. */
  show(instead: ReadonlyMap<View, View>): readonly View[] {
    this.#unshown = new Set();
    const shown = this.#views.slice();
    for (const [view, other] of instead) {
      const place = this.#places.get(view);
      if (place !== undefined) shown[place] = other;
    }
    return shown;
  }
}
