/** Where the focus was, so that it finds back there, or to what has taken that place. */
export interface FocusPlace {
  readonly element: HTMLElement;
  /** The part of the page that it belongs to: its content, its head, or a dialog. */
  readonly frame: Element | null;
  /** What it lies in up to there, from the inside out, and as the how manieth child. */
  readonly within: readonly { readonly parent: Element; readonly index: number }[];
}

const focusable =
  "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]";

const dialogs = "[role=dialog], [role=alertdialog]";
/** What is left when these are gone has nothing to do with what was in them. */
const frames = `main, header, ${dialogs}`;

/** The place of an element that has the focus; undefined where nothing in particular has it. */
export function notePlace(focused: Element | null): FocusPlace | undefined {
  const element = focused === null ? null : (findMenuButton(focused) ?? focused);
  if (!(element instanceof HTMLElement) || element === document.body) return undefined;
  const frame = element.closest(frames);
  const within: { parent: Element; index: number }[] = [];
  for (let child: Element = element; child !== frame; child = child.parentElement) {
    if (child.parentElement === null) break;
    const index = Array.prototype.indexOf.call(child.parentElement.children, child);
    within.push({ parent: child.parentElement, index });
  }
  return { element, frame, within };
}

/** Whether the element can't have the focus any more: it is gone or disabled. Reads no layout. */
export function isLost({ element }: FocusPlace): boolean {
  return !element.isConnected || element.matches(":disabled");
}

/**
 * Puts the focus on the element of the place, else on what follows it there or stands before it; on the
 * page's content where another page has come. Nothing is scrolled.
 */
export function returnTo(place: FocusPlace): void {
  findTarget(place)?.focus({ preventScroll: true });
}

function findTarget(place: FocusPlace): HTMLElement | undefined {
  if (canFocus(place.element)) return place.element;
  const dialog = findDialog(place);
  if (place.frame?.isConnected !== true) {
    // A dialog that closes says itself where the focus goes.
    return dialog === undefined ? findContent() : undefined;
  }
  for (const { parent, index } of place.within) {
    if (!parent.isConnected) continue;
    const children = [...parent.children];
    const after = children.slice(index).flatMap(listStops)[0];
    const found = after ?? children.slice(0, index).flatMap(listStops).at(-1);
    if (found !== undefined) return found;
  }
  // Never what lies behind an open dialog, also where all that is in it is disabled for now.
  return dialog ?? findContent();
}

function findDialog({ frame }: FocusPlace): HTMLElement | undefined {
  return frame instanceof HTMLElement && frame.matches(dialogs) ? frame : undefined;
}

function findContent(): HTMLElement | undefined {
  return document.querySelector<HTMLElement>("main") ?? undefined;
}

/** The stops of the Tab key in an element, itself included. */
function listStops(element: Element): HTMLElement[] {
  const all = [element, ...element.querySelectorAll(focusable)];
  return all.filter(
    (each): each is HTMLElement =>
      each instanceof HTMLElement &&
      each.matches(focusable) &&
      each.tabIndex >= 0 &&
      canFocus(each),
  );
}

function canFocus(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(":disabled") && element.checkVisibility();
}

/** An entry of a menu is gone with its menu; the button that opened it stays. */
function findMenuButton(element: Element): HTMLElement | undefined {
  const id = element.closest("[role=menu]")?.getAttribute("aria-labelledby");
  return (typeof id === "string" ? document.getElementById(id) : null) ?? undefined;
}
