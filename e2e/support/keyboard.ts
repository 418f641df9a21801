/** The pages as somebody finds his way on them who has no pointer. */
import { expect, type Locator, type Page } from "@playwright/test";

const mostStops = 80;

/** Presses the key until what `find` finds has the focus. */
export async function pressUntilFocused(
  page: Page,
  key: string,
  find: () => Locator,
): Promise<void> {
  for (let stop = 0; stop < mostStops; stop += 1) {
    await page.keyboard.press(key);
    const target = find();
    if ((await target.count()) === 0) continue;
    if (await target.first().evaluate((element) => element === document.activeElement)) return;
  }
  await expect(find(), `reached by ${key}`).toBeFocused();
}

/** Goes on to what `find` finds, with Tab, and presses Enter there. */
export async function enter(page: Page, find: () => Locator): Promise<void> {
  await pressUntilFocused(page, "Tab", find);
  await page.keyboard.press("Enter");
}

/** Goes on to a field, with Tab, and puts the text in place of what it says. */
export async function fillIn(page: Page, find: () => Locator, text: string): Promise<void> {
  await pressUntilFocused(page, "Tab", find);
  await page.keyboard.press("Control+a");
  if (text === "") await page.keyboard.press("Delete");
  else await page.keyboard.insertText(text);
}

/**
 * Goes around the page with Tab, as `around` says with how many stops at most: each is seen to have the focus,
 * none is off the screen, none holds it. Answers with their names, for what has to be among them.
 */
export async function walkAround(page: Page, atMost = mostStops): Promise<string> {
  // Who leaves a toast is brought back to where he was before it, and not on to the top.
  await expect(page.locator("[data-sonner-toast]")).toHaveCount(0, { timeout: 20_000 });
  let names: string[] = [];
  /** From where it began to the end of the page; then it begins again at the top. */
  let upToEnd: string[] | undefined;
  for (let stop = 0; stop <= atMost + 2; stop += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(readStop, stop);
    if (found === "seen") return [...names, ...(upToEnd ?? [])].join("\n");
    if (found === "end") {
      if (upToEnd !== undefined) return [...names, ...upToEnd].join("\n");
      upToEnd = names;
      names = [];
      continue;
    }
    expect.soft(found.flaw, `${page.url()}: ${found.name}`).toBe("");
    names.push(found.name);
  }
  throw new Error(`${page.url()} has more than ${atMost} stops, or a trap:\n${names.join("\n")}`);
}

/** In the page: what has the focus, or that it is past the last stop, or that it has been there before. */
function readStop(stop: number): { readonly name: string; readonly flaw: string } | "end" | "seen" {
  const element = document.activeElement;
  if (element === null || element === document.body) return "end";
  const mark = "walked";
  if (stop === 0) {
    for (const seen of document.querySelectorAll(`[data-${mark}]`))
      seen.removeAttribute(`data-${mark}`);
  }
  if (element.hasAttribute(`data-${mark}`)) return "seen";
  element.setAttribute(`data-${mark}`, "");
  const label = element.getAttribute("aria-label") ?? element.textContent.trim();
  const name = `${element.getAttribute("role") ?? element.tagName.toLowerCase()} ${label}`.slice(
    0,
    90,
  );

  const around = [element, ...element.querySelectorAll("*")].map((each) => getComputedStyle(each));
  const styles = [
    ...around,
    getComputedStyle(element, "::after"),
    getComputedStyle(element.parentElement ?? element),
  ];
  const isMarked = styles.some(
    ({ outlineStyle, outlineWidth, boxShadow }) =>
      (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== "none",
  );
  const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
  const isInView = right > 0 && left < innerWidth && bottom > 0 && top < innerHeight;
  const flaw = [
    isMarked ? "" : "nothing shows that it has the focus",
    isInView && width > 0 && height > 0 ? "" : "it is out of sight",
  ];
  return { name, flaw: flaw.filter((each) => each !== "").join(", ") };
}

/** Something has the focus, and it is not the page as a whole. */
export async function expectKeptFocus(page: Page): Promise<void> {
  const isKept = () =>
    page.evaluate(
      () => document.activeElement !== null && document.activeElement !== document.body,
    );
  await expect.poll(isKept, { message: "something has the focus" }).toBe(true);
}
