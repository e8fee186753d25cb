// What the checks of a screen share: which elements count, and how one is named in a complaint. `makeTools` runs in the
// page, so it refers to nothing outside itself. Knows no check.
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
/** Rows of a list or a table after so many that the others are like them. */
export const MORE_ROWS =
  'li:nth-child(n + 16), tr:nth-child(n + 16), [data-testid=log-rows] li:nth-child(n + 4)';

export interface Tools {
  /** What one looks at: the whole page, or the dialog or panel that lies over it. */
  reachable(): Element;
  /** Elements that can be pressed or typed in, and can be seen. */
  targets(): HTMLElement[];
  isShown(element: Element): boolean;
  /** Where a press counts: a control's label belongs to it. */
  boxOf(element: Element): Box;
  nameOf(element: Element): string;
  /** Whether what holds it stays where it is while the page scrolls. */
  floats(element: Element): boolean;
  /** Of many alike, as the rows of a list are, the first few. */
  fewOfEach(elements: readonly HTMLElement[]): HTMLElement[];
  /** The nearest container that cuts or scrolls what is in it, but for the page. */
  cutter(element: Element): Element | null;
}

export function makeTools(moreRows: string): Tools {
  const INTERACTIVE =
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], [role=option], [tabindex="0"]';
  const reachable = (): Element => document.querySelector('dialog:modal, :popover-open') ?? document.body;
  const isShown = (element: Element): boolean => {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const { width, height } = element.getBoundingClientRect();
    return width > 1 && height > 1 && element.closest(`.visually-hidden, [inert], ${moreRows}`) === null;
  };
  const targets = (): HTMLElement[] =>
    [...reachable().querySelectorAll<HTMLElement>(INTERACTIVE)].filter(
      (element) => isShown(element) && !element.matches(':disabled'),
    );
  const boxOf = (element: Element): Box => {
    const label = element instanceof HTMLInputElement ? element.closest('label') : null;
    const { left, top, right, bottom } = element.getBoundingClientRect();
    if (label === null) return { left, top, right, bottom };
    const outer = label.getBoundingClientRect();
    return {
      left: Math.min(left, outer.left),
      top: Math.min(top, outer.top),
      right: Math.max(right, outer.right),
      bottom: Math.max(bottom, outer.bottom),
    };
  };
  const nameOf = (element: Element): string => {
    const said = element.getAttribute('aria-label') ?? element.textContent.trim().replace(/\s+/g, ' ');
    const kind = element.tagName.toLowerCase();
    const marks = [...element.classList].filter((name) => !name.startsWith('svelte-')).join('.');
    return `${kind}${marks === '' ? '' : `.${marks}`} "${said.slice(0, 40)}"`;
  };
  // Pages have thousands of elements, and each asks the same of those above it.
  const known = { floating: new Map<Element, boolean>(), cutters: new Map<Element, Element | null>() };
  const floats = (element: Element): boolean => {
    const before = known.floating.get(element);
    if (before !== undefined) return before;
    const { parentElement } = element;
    const now =
      /fixed|sticky/.test(getComputedStyle(element).position) ||
      (parentElement !== null && floats(parentElement));
    known.floating.set(element, now);
    return now;
  };
  const cutter = (element: Element): Element | null => {
    const { parentElement } = element;
    if (parentElement === null || parentElement === document.body) return null;
    const before = known.cutters.get(parentElement);
    if (before !== undefined) return before;
    const { overflow, position } = getComputedStyle(parentElement);
    const now = overflow !== 'visible' ? parentElement : position === 'fixed' ? null : cutter(parentElement);
    known.cutters.set(parentElement, now);
    return now;
  };
  const fewOfEach = (elements: readonly HTMLElement[]): HTMLElement[] => {
    const FEW = 3;
    const counts = new Map<string, number>();
    return elements.filter((element) => {
      const kind = [element, element.parentElement]
        .map((each) => `${each?.tagName ?? ''} ${each?.className ?? ''}`)
        .join();
      const count = counts.get(kind) ?? 0;
      counts.set(kind, count + 1);
      return count < FEW;
    });
  };
  return { reachable, targets, isShown, boxOf, nameOf, floats, fewOfEach, cutter };
}
