// The list of a large grove: rows that are blank while it is scrolled, and how soon typing shows what it finds.
import type { Page } from 'playwright';
import { href } from '../../../src/routes.ts';
import type { Tab } from '../../e2e/harness.ts';
import type { JobOptions } from '../job.ts';
import { quantile, rounded } from '../stats.ts';
import { tasksOf, type Tasks } from './frames.ts';

const WHEELS = 120;
const JUMPS = 40;
const TEXTS = [
  ...['4271', 'run 99', '3 decay', 'wi 5 8', '1 2 gr', 'op 77'],
  ...['85 at', 'see 3', 'de 19', '7 lo 2', '60 wa', 'ad 44', '9 2 6', 'la 31'],
];

/** What the page showed, and when. */
export interface Shown {
  /** performance.now() of the key. */
  struck: number;
  said: { at: number; rows: string }[];
  stop: () => void;
}

export async function scrolled(
  { page }: Tab,
  { url, grove, contributions }: { url: string; grove: string; contributions: number },
  tell: JobOptions['tell'],
): Promise<void> {
  await page.goto(`${url}${href.list(grove)}`);
  await page.getByTestId('contribution-row').first().waitFor({ timeout: 120_000 });
  await page.waitForTimeout(3_000);
  await page.evaluate(watchBlanks);
  await page.mouse.move(640, 500);
  for (let i = 0; i < WHEELS; i++) {
    await page.mouse.wheel(0, i % 10 === 9 ? -900 : 400);
    await page.waitForTimeout(16);
  }
  const wheel = await takeBlanks(page);
  await page.evaluate((times) => void (window.blanks.jumps = times), JUMPS);
  await page.waitForFunction(() => window.blanks.jumps === 0, undefined, { timeout: 120_000 });
  const jumps = await takeBlanks(page);
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForTimeout(500);
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForTimeout(500);
  const last = await page.getByTestId('contribution-row').last().getAttribute('aria-posinset');
  tell(`the list of ${contributions} scrolled`, {
    blankRows: wheel.rows + jumps.rows,
    atMost: 0,
    wheelFrames: wheel.frames,
    wheelBlank: wheel.rows,
    jumpFrames: jumps.frames,
    jumpBlank: jumps.rows,
    mostAtOnce: Math.max(wheel.most, jumps.most),
    reachesTheOldest: last === String(contributions),
    rowsInThePage: await page.getByTestId('contribution-row').count(),
  });
}

/** Runs in the page: after each frame, how much of the list in view no row covers, in rows of the mean height. */
function watchBlanks(): void {
  const blanks = { frames: 0, rows: 0, most: 0, jumps: 0 };
  window.blanks = blanks;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const list = document.querySelector('main ol');
    if (list !== null) {
      const frame = list.getBoundingClientRect();
      const [top, bottom] = [Math.max(0, frame.top), Math.min(innerHeight, frame.bottom)];
      const rows = [...document.querySelectorAll('[data-testid="contribution-row"]')]
        .filter((row) => row.textContent !== '')
        .map((row) => row.getBoundingClientRect());
      const height = rows.reduce((sum, row) => sum + row.height, 0) / Math.max(1, rows.length) || 60;
      const covered = rows.reduce(
        (sum, row) => sum + Math.max(0, Math.min(bottom, row.bottom) - Math.max(top, row.top)),
        0,
      );
      // Less than half a row is a border.
      const blank = Math.round(Math.max(0, bottom - top - covered) / height);
      blanks.frames += 1;
      blanks.rows += blank;
      blanks.most = Math.max(blanks.most, blank);
    }
    // Between two frames, as a person's: one that a frame's own script makes is told to the page after it was drawn.
    if (blanks.jumps > 0 && blanks.frames % 3 === 0) {
      blanks.jumps -= 1;
      const place = ((blanks.jumps * 37 + 11) % 101) / 100;
      window.scrollTo(0, place * document.documentElement.scrollHeight);
    }
    requestAnimationFrame(() => channel.port2.postMessage(0));
  };
  requestAnimationFrame(() => channel.port2.postMessage(0));
}

const takeBlanks = (page: Page): Promise<{ frames: number; rows: number; most: number }> =>
  page.evaluate(() => {
    const { frames, rows, most } = window.blanks;
    Object.assign(window.blanks, { frames: 0, rows: 0, most: 0 });
    return { frames, rows, most };
  });

/** Typed letter by letter into the list's field, and into the palette. */
export async function typed(
  { page }: Tab,
  { url, grove }: { url: string; grove: string },
  tell: JobOptions['tell'],
): Promise<void> {
  await page.goto(`${url}${href.list(grove)}`);
  await page.getByTestId('contribution-row').first().waitFor({ timeout: 120_000 });
  await page.waitForTimeout(3_000);
  const field = page.locator('main input[type=search]');
  const rows = '[data-testid="contribution-row"] .what > a';
  const inList = await typedInto(page, grove, field, rows, 8);
  // Once more: what counts the CPU takes some itself.
  const cpu = await tasksOf(page, async () => {
    await typedInto(page, grove, field, rows, 8);
  });
  tellTyped('the list', inList, cpu, tell);
  await page.keyboard.press('Control+k');
  const palette = page.locator('dialog input[role=combobox]');
  await palette.waitFor();
  const hits = 'dialog li[role=option] .label';
  tellTyped('the palette', await typedInto(page, grove, palette, hits, 8), null, tell);
}

function tellTyped(
  where: string,
  times: readonly number[],
  cpu: Tasks | null,
  tell: JobOptions['tell'],
): void {
  tell(`typing in ${where}, from the key to what it finds, p95 ms`, {
    ms: rounded(quantile(times, 0.95)),
    atMost: 50,
    p50: rounded(quantile(times, 0.5)),
    most: rounded(Math.max(...times)),
    keys: times.length,
    // What looks on, and the asking for all rows after each text, included.
    ...(cpu === null
      ? {}
      : { cpuPerKey: rounded(cpu.cpu / TEXTS.join('').length), cpuLongestTask: rounded(cpu.cpuMost) }),
  });
}

async function typedInto(
  page: Page,
  grove: string,
  field: ReturnType<Page['locator']>,
  rows: string,
  first: number,
): Promise<number[]> {
  const times: number[] = [];
  for (const text of TEXTS) {
    await field.fill('');
    await page.waitForTimeout(500);
    for (let end = 1; end <= text.length; end++) {
      await page.evaluate(watchRows, rows);
      await field.press(text[end - 1] === ' ' ? 'Space' : (text[end - 1] ?? ''));
      await page.waitForTimeout(400);
      const wanted = text.slice(0, end).trim();
      // The palette asks from the second letter on; what changes nothing can't be seen.
      if (wanted.length < 2 || wanted.length < end) continue;
      const time = await page.evaluate(whenShown, { grove, text: wanted, rows, first });
      if (time !== null) times.push(time);
    }
  }
  return times;
}

/** Runs in the page: notes what the rows say whenever they change, and when the next key was struck. */
function watchRows(rows: string): void {
  window.shown?.stop();
  const said: Shown['said'] = [];
  const look = (): void => {
    const now = [...document.querySelectorAll(rows)].map((row) => row.textContent.trim()).join('\n');
    if (said.at(-1)?.rows !== now) said.push({ at: performance.now(), rows: now });
  };
  look();
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  const shown = { struck: Infinity, said, stop: () => observer.disconnect() };
  window.shown = shown;
  const struck = ({ timeStamp }: Event): void => {
    shown.struck = timeStamp;
  };
  addEventListener('input', struck, { capture: true, once: true });
}

/** Runs in the page: ms from the key until the first rows were what the worker finds; null where they were that before. */
async function whenShown({
  grove,
  text,
  rows,
  first,
}: {
  grove: string;
  text: string;
  rows: string;
  first: number;
}): Promise<number | null> {
  const { items } = await window.thicket.contributions(grove, { text, limit: first });
  const wanted = items.map(({ summary }) => summary).join('\n');
  const fits = (words: string): boolean => `${words}\n`.includes(`${wanted}\n`);
  const { struck = Infinity, said = [] } = window.shown ?? {};
  const before = said.filter(({ at }) => at < struck).at(-1);
  if (before !== undefined && fits(before.rows)) return null;
  const found = said.find(({ at, rows: words }) => at >= struck && fits(words));
  if (found === undefined)
    throw new Error(`"${text}" was not shown: ${document.querySelectorAll(rows).length} rows`);
  return found.at - struck;
}
