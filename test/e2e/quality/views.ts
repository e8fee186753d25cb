// The ways to look at a screen: how wide the window is, by day or by night, with which text, in which direction.
import type { CDPSession } from 'playwright';
import { NARROW, WIDE, type Person } from './people.ts';
import { settle } from './screens.ts';

export interface View {
  width?: 'wide' | 'narrow';
  scheme?: 'light' | 'dark';
  direction?: 'rtl';
  /** Percent of what the browser's own settings give. */
  text?: number;
}

export const VIEWS: Readonly<Record<string, View>> = {
  wide: {},
  narrow: { width: 'narrow' },
  'wide, right to left': { direction: 'rtl' },
  'narrow, right to left': { width: 'narrow', direction: 'rtl' },
  'wide, text at 200 %': { text: 200 },
  'narrow, text at 200 %': { width: 'narrow', text: 200 },
};

/** Font sizes of a Chromium as it comes, px. */
const USUAL = { standard: 16, fixed: 13 };
const sessions = new WeakMap<Person, CDPSession>();

export async function look(person: Person, view: View): Promise<void> {
  const { page, context } = person;
  const session = sessions.get(person) ?? (await context.newCDPSession(page));
  sessions.set(person, session);
  const scale = (view.text ?? 100) / 100;
  await Promise.all([
    page.setViewportSize(view.width === 'narrow' ? NARROW : WIDE),
    page.emulateMedia({ colorScheme: view.scheme ?? 'light', reducedMotion: 'reduce' }),
    // As the browser's setting does it: distances and breakpoints in rem follow.
    session.send('Page.setFontSizes', {
      fontSizes: { standard: USUAL.standard * scale, fixed: USUAL.fixed * scale },
    }),
    page.evaluate((dir) => {
      document.documentElement.dir = dir;
    }, view.direction ?? ''),
  ]);
  await settle(page);
}
