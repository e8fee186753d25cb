// What a screen is to the checks, and how one comes to it. Knows no check, and no certain screen.
import type { Locator, Page } from 'playwright';
import { strings } from '../../../src/strings.ts';

/** What the screens are shown of. */
export interface Places {
  /** A grove with many contributions, and one without any. */
  grove: string;
  empty: string;
  /** The best contribution; one's own with files of several kinds; one whose file nobody has. */
  best: string;
  mine: string;
  away: string;
  /** What a moderator hid. */
  hidden: string;
  /** Fragment of an invite link. */
  invite: string;
}
export interface Screen {
  name: string;
  /** Who looks: a member of the groves, someone who was never here, one who waits to be let in, or whose key the browser removed. */
  as: 'member' | 'guest' | 'waiting' | 'lost';
  hash(at: Places): string;
  /** Brings the screen from its address into the state. */
  open?(page: Page, at: Places): Promise<unknown>;
}
export interface State {
  name: string;
  hash?(at: Places): string;
  open?(page: Page, at: Places): Promise<unknown>;
}

export const press = (at: Page | Locator, name: string | RegExp): Promise<void> =>
  at
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click();
/** Opens each disclosure of the page. */
export const unfold = (page: Page): Promise<void> =>
  page.locator('main details').evaluateAll((all) => all.forEach((each) => each.setAttribute('open', '')));

export const screens = (
  route: string,
  hash: (at: Places) => string,
  states: readonly State[] = [],
  as: Screen['as'] = 'member',
): Screen[] => [
  { name: route, as, hash },
  ...states.map((state) => ({ as, hash, ...state, name: `${route}, ${state.name}` })),
];

/** Goes to a screen as one does, from an empty page, and brings it into its state. */
export async function visit(page: Page, screen: Screen, at: Places): Promise<void> {
  // A dialog covers whatever page is below.
  await page.keyboard.press('Escape');
  await goTo(page, '#/nothing');
  await goTo(page, screen.hash(at));
  await screen.open?.(page, at);
  await settle(page);
}

async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(
    (next) =>
      new Promise<void>((resolve) => {
        if (location.hash === next) {
          resolve();
          return;
        }
        addEventListener('hashchange', () => resolve(), { once: true });
        location.hash = next;
      }),
    hash,
  );
  await settle(page);
}

/** Once the screen has what it shows: no placeholder is left, and what was decided is drawn. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction((loading) => {
    const text = document.querySelector('main')?.textContent ?? '';
    return text.trim() !== '' && !text.includes(loading);
  }, strings.app.loading);
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
}
