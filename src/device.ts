// What kind of device this page runs on, as far as it can be told.

/** Wide enough for a small tablet to count as none. */
const PHONE_SIDE = 600;

/** Held in a hand: by the browser's own word, else by a finger as pointer and a small screen. */
export function isPhone(): boolean {
  // Chromium only, and not in the DOM's types.
  const hints: unknown = 'userAgentData' in navigator ? navigator.userAgentData : null;
  if (hints instanceof Object && 'mobile' in hints && typeof hints.mobile === 'boolean') return hints.mobile;
  return matchMedia('(pointer: coarse)').matches && Math.min(screen.width, screen.height) < PHONE_SIDE;
}
