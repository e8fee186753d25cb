// The checks of a screen, each a function that runs in the page and returns complaints, none when all is well. They measure
// what is drawn; they know no screen.
import type { Box, Tools } from './tools.ts';

/** WCAG 2.5.8: 24 by 24 CSS pixels, or so much room around that a circle of 24 meets no other target; text links are excepted. */
export function smallTargets(tools: Tools): string[] {
  const LEAST = 24;
  const all = tools.targets().map((element) => ({ element, box: tools.boxOf(element) }));
  const isSmall = ({ left, right, top, bottom }: Box): boolean =>
    right - left < LEAST - 0.5 || bottom - top < LEAST - 0.5;
  const centre = ({ left, right, top, bottom }: Box): [number, number] => [
    (left + right) / 2,
    (top + bottom) / 2,
  ];
  const isInText = (element: Element): boolean => {
    if (!getComputedStyle(element).display.startsWith('inline')) return false;
    const block = element.parentElement;
    const around = [...(block?.childNodes ?? [])].filter((node) => node !== element);
    return around.some((node) => (node.textContent ?? '').trim() !== '');
  };
  const isCrowded = (element: Element, box: Box): boolean => {
    const [x, y] = centre(box);
    return all.some((other) => {
      if (other.element === element || other.element.contains(element) || element.contains(other.element))
        return false;
      const near = other.box;
      const dx = Math.max(near.left - x, 0, x - near.right);
      const dy = Math.max(near.top - y, 0, y - near.bottom);
      if (Math.hypot(dx, dy) < LEAST / 2) return true;
      const [ox, oy] = centre(near);
      return isSmall(near) && Math.hypot(ox - x, oy - y) < LEAST;
    });
  };
  return all
    .filter(({ element, box }) => isSmall(box) && !isInText(element) && isCrowded(element, box))
    .map(({ element, box }) => {
      const size = `${Math.round(box.right - box.left)} × ${Math.round(box.bottom - box.top)}`;
      return `too small a target, ${size}: ${tools.nameOf(element)}`;
    });
}

/** WCAG 2.4.7, 2.4.11, 1.4.11: a ring of two pixels at least, 3 : 1 against what it lies on, and the focused element in sight. */
export function unseenFocus(tools: Tools): string[] {
  const parse = (colour: string): [number, number, number, number] | null => {
    const parts = /^rgba?\(([^)]+)\)$/
      .exec(colour)?.[1]
      ?.split(/[ ,/]+/)
      .map(Number);
    if (parts === undefined) return null;
    const [r = 0, g = 0, b = 0, a = 1] = parts;
    return [r, g, b, a];
  };
  const light = ([r, g, b]: readonly number[]): number => {
    const part = (value = 0): number => {
      const s = value / 255;
      return s <= 0.040_45 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  /** Of what the ring lies on. */
  const groundOf = (element: Element, inside: boolean): readonly number[] => {
    let at: Element | null = inside ? element : element.parentElement;
    for (; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour !== null && colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const complaintOf = (element: HTMLElement): string | null => {
    element.focus();
    if (document.activeElement !== element) return 'does not take the focus';
    const ringed = [element, element.closest('label'), element.parentElement].find(
      (each) => each !== null && getComputedStyle(each).outlineStyle !== 'none',
    );
    if (!ringed) return 'has no ring';
    const style = getComputedStyle(ringed);
    const width = Number.parseFloat(style.outlineWidth);
    const offset = Number.parseFloat(style.outlineOffset);
    if (style.outlineStyle !== 'auto' && width < 2) return `has a ring of ${width} px`;
    const colour = parse(style.outlineColor);
    if (colour === null) return `has a ring in ${style.outlineColor}`;
    const [a, b] = [light(colour), light(groundOf(ringed, offset < 0))].sort((x, y) => y - x);
    const contrast = ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
    if (contrast < 3) return `has a ring of ${contrast.toFixed(2)} : 1`;

    const box = ringed.getBoundingClientRect();
    const cutter = tools.cutter(ringed);
    if (cutter !== null && offset + width > 0) {
      const frame = cutter.getBoundingClientRect();
      const reach = offset;
      const cut = [
        box.left - reach < frame.left,
        box.right + reach > frame.right,
        box.top - reach < frame.top,
        box.bottom + reach > frame.bottom,
      ].filter(Boolean).length;
      if (cut > 1) return `has a ring that ${tools.nameOf(cutter)} cuts off`;
    }
    const spots = [0.5, 0.1, 0.9].flatMap((x) => [0.5, 0.1, 0.9].map((y) => [x, y] as const));
    const seen = spots.some(([x, y]) => {
      const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
      return hit !== null && (ringed.contains(hit) || hit.contains(ringed));
    });
    return seen ? null : 'is out of sight while it has the focus';
  };
  const complaints: string[] = [];
  for (const element of tools.fewOfEach(tools.targets().filter(({ tabIndex }) => tabIndex >= 0))) {
    const complaint = complaintOf(element);
    if (complaint !== null) complaints.push(`${tools.nameOf(element)} ${complaint}`);
  }
  return complaints;
}

/** WCAG 2.3.3: who asked for less motion gets none. */
export function motion(tools: Tools): string[] {
  const LONGEST = 10; // ms
  const running = document.getAnimations().flatMap(({ effect, playState }) => {
    const duration = Number(effect?.getComputedTiming().duration ?? 0);
    return playState === 'running' && duration > LONGEST ? [`an animation of ${duration} ms`] : [];
  });
  const seconds = (list: string): number =>
    Math.max(...list.split(',').map((each) => Number.parseFloat(each) * (each.includes('ms') ? 1 : 1000)));
  const moving = [...document.querySelectorAll('body *')].flatMap((element) => {
    const { transitionDuration, animationName, animationDuration } = getComputedStyle(element);
    const longest = Math.max(
      seconds(transitionDuration),
      animationName === 'none' ? 0 : seconds(animationDuration),
    );
    return longest > LONGEST ? [`${tools.nameOf(element)} moves for ${longest} ms`] : [];
  });
  return [...running, ...moving];
}

/** WCAG 1.4.4, 1.4.10: nothing sticks out of the page, is cut off, or lies over something else. */
export function brokenLayout(tools: Tools): string[] {
  const page = document.documentElement;
  const complaints: string[] = [];
  if (page.scrollWidth > page.clientWidth + 1)
    complaints.push(`the page is ${page.scrollWidth} wide, the window ${page.clientWidth}`);

  const texts: { element: Element; box: DOMRect }[] = [];
  for (const element of tools.reachable().querySelectorAll('*')) {
    if (!tools.isShown(element)) continue;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const cutter = tools.cutter(element);
    if (
      cutter === null &&
      style.position !== 'absolute' &&
      (box.right > page.clientWidth + 1 || box.left < -1)
    )
      complaints.push(
        `${tools.nameOf(element)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)}`,
      );
    // Text that ends in an ellipsis is whole elsewhere; a field scrolls what is typed into it.
    const cuts = /hidden|clip/.test(style.overflow) && style.textOverflow !== 'ellipsis';
    const isField = element.matches('input, select, textarea, svg, svg *, canvas');
    if (cuts && !isField && element.textContent.trim() !== '') {
      if (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
        complaints.push(`${tools.nameOf(element)} is cut off`);
    }
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || (node.textContent ?? '').trim() === '') continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const line of range.getClientRects()) texts.push({ element, box: line });
    }
  }

  const common = (a: DOMRect, b: DOMRect): number =>
    Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
    Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
  const solid = texts.filter(({ element, box }) => {
    if (tools.floats(element)) return false;
    // Out of sight in something that scrolls: it lies over nothing.
    const frame = tools.cutter(element)?.getBoundingClientRect();
    return frame === undefined || common(box, frame) > (box.width * box.height) / 2;
  });
  solid.sort((a, b) => a.box.top - b.box.top);
  for (const [index, one] of solid.entries()) {
    for (let next = index + 1; next < solid.length; next += 1) {
      const other = solid[next];
      // Each after it begins below it.
      if (other === undefined || other.box.top >= one.box.bottom) break;
      if (one.element === other.element) continue;
      const least = Math.min(one.box.width * one.box.height, other.box.width * other.box.height);
      if (common(one.box, other.box) > least * 0.2)
        complaints.push(`${tools.nameOf(one.element)} lies over ${tools.nameOf(other.element)}`);
    }
  }
  return [...new Set(complaints)].slice(0, 12);
}
