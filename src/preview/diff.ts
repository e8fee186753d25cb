// What changed from one text to another, line by line (Myers 1986, "An O(ND) difference algorithm"), and within lines that
// replace each other, word by word. Bounded; pure.

export interface Change<T> {
  type: 'same' | 'removed' | 'added';
  items: T[];
}
export interface Word {
  text: string;
  changed: boolean;
}
export interface Line {
  type: 'same' | 'removed' | 'added';
  /** Counted from 1; null where the text doesn't have it. */
  before: number | null;
  after: number | null;
  /** In one piece where nothing better is known. */
  words: Word[];
}
export interface Diff {
  lines: Line[];
  removed: number;
  added: number;
}

/** Edits beyond which two texts are told to be too different: time grows with their number, memory with its square. */
const MOST_EDITS = 2000;
const MOST_WORDS = 400;

/** Null where they differ in too much to be worth it. */
export function diffTexts(before: string, after: string): Diff | null {
  const changes = diff(linesOf(before), linesOf(after), MOST_EDITS);
  if (changes === null) return null;
  const lines: Line[] = [];
  let [old, next] = [1, 1];
  const add = (type: Line['type'], words: Word[]): void => {
    lines.push({
      type,
      before: type === 'added' ? null : old,
      after: type === 'removed' ? null : next,
      words,
    });
    if (type !== 'added') old += 1;
    if (type !== 'removed') next += 1;
  };
  for (let i = 0; i < changes.length; i += 1) {
    const [change, follows] = [changes[i], changes[i + 1]];
    if (change === undefined) continue;
    if (
      change.type === 'removed' &&
      follows?.type === 'added' &&
      change.items.length === follows.items.length
    ) {
      const pairs = change.items.map((text, n) => diffWords(text, follows.items[n] ?? ''));
      for (const [words] of pairs) add('removed', words);
      for (const [, words] of pairs) add('added', words);
      i += 1;
    } else for (const text of change.items) add(change.type, [{ text, changed: false }]);
  }
  return {
    lines,
    removed: lines.filter(({ type }) => type === 'removed').length,
    added: lines.filter(({ type }) => type === 'added').length,
  };
}

/** A last line that ends is not followed by an empty one. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The words of both, with those that only one has marked; unmarked where they have little in common. */
function diffWords(before: string, after: string): [Word[], Word[]] {
  const plain = (text: string): Word[] => [{ text, changed: false }];
  const [a, b] = [wordsOf(before), wordsOf(after)];
  const changes = a.length + b.length > MOST_WORDS ? null : diff(a, b, MOST_WORDS);
  if (changes === null) return [plain(before), plain(after)];
  const said = (changes: readonly Change<string>[]): number =>
    changes
      .flatMap(({ items }) => items)
      .join('')
      .replace(/\s/g, '').length;
  const same = said(changes.filter(({ type }) => type === 'same'));
  if (3 * same < Math.min(before.length, after.length)) return [plain(before), plain(after)];
  const side = (type: 'removed' | 'added'): Word[] =>
    changes
      .filter((change) => change.type === 'same' || change.type === type)
      .map((change) => ({ text: change.items.join(''), changed: change.type === type }));
  return [side('removed'), side('added')];
}

const wordsOf = (line: string): string[] => line.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];

/** The shortest way from one list to the other, equal neighbours joined; null where it takes more edits than that. */
export function diff<T>(before: readonly T[], after: readonly T[], most: number): Change<T>[] | null {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const room = Math.min(before.length, after.length) - head;
  while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const middle = shortest(
    before.slice(head, before.length - tail),
    after.slice(head, after.length - tail),
    most,
  );
  if (middle === null) return null;
  return joined([
    { type: 'same', items: before.slice(0, head) },
    ...middle,
    { type: 'same', items: before.slice(before.length - tail) },
  ]);
}

function shortest<T>(a: readonly T[], b: readonly T[], most: number): Change<T>[] | null {
  /** By number of edits: how far along `a` each diagonal got, diagonals from -d to d. */
  const trace: Int32Array[] = [];
  const limit = Math.min(most, a.length + b.length);
  for (let d = 0; d <= limit; d += 1) {
    const reach = new Int32Array(2 * d + 1);
    const last = trace.at(-1);
    for (let k = -d; k <= d; k += 2) {
      let x = startOf(last, d, k);
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reach[k + d] = x;
      if (x >= a.length && x - k >= b.length) return wayBack([...trace, reach], a, b);
    }
    trace.push(reach);
  }
  return null;
}

/** Whether diagonal `k` is reached by one more of `b` (from k + 1) rather than of `a` (from k - 1). */
const isDown = (last: Int32Array, d: number, k: number): boolean =>
  k === -d || (k !== d && (last[k - 1 + d - 1] ?? 0) < (last[k + 1 + d - 1] ?? 0));

function startOf(last: Int32Array | undefined, d: number, k: number): number {
  if (last === undefined) return 0;
  return isDown(last, d, k) ? (last[k + 1 + d - 1] ?? 0) : (last[k - 1 + d - 1] ?? 0) + 1;
}

function wayBack<T>(trace: readonly Int32Array[], a: readonly T[], b: readonly T[]): Change<T>[] {
  const back: Change<T>[] = [];
  let [x, y] = [a.length, b.length];
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const last = trace[d - 1];
    const k = x - y;
    const start = startOf(last, d, k);
    if (x > start) back.push({ type: 'same', items: a.slice(start, x) });
    if (last === undefined) break;
    [x, y] = [start, start - k];
    if (isDown(last, d, k)) {
      y -= 1;
      back.push({ type: 'added', items: b.slice(y, y + 1) });
    } else {
      x -= 1;
      back.push({ type: 'removed', items: a.slice(x, x + 1) });
    }
  }
  return back.reverse();
}

/** Between two parts that are the same, what goes comes before what is new. */
function joined<T>(changes: readonly Change<T>[]): Change<T>[] {
  const out: Change<T>[] = [];
  let [removed, added]: [T[], T[]] = [[], []];
  const flush = (): void => {
    if (removed.length > 0) out.push({ type: 'removed', items: removed });
    if (added.length > 0) out.push({ type: 'added', items: added });
    [removed, added] = [[], []];
  };
  for (const { type, items } of changes) {
    if (items.length === 0) continue;
    if (type === 'removed') removed.push(...items);
    else if (type === 'added') added.push(...items);
    else {
      flush();
      const last = out.at(-1);
      if (last?.type === 'same') last.items.push(...items);
      else out.push({ type, items: [...items] });
    }
  }
  flush();
  return out;
}

/** With so many lines around each change; runs of others are only counted. */
export type Shown = { type: 'lines'; lines: Line[] } | { type: 'gap'; lines: Line[] };
const AROUND = 3;

export function folded(lines: readonly Line[]): Shown[] {
  const near = new Array<boolean>(lines.length).fill(false);
  lines.forEach(({ type }, i) => {
    if (type !== 'same') near.fill(true, Math.max(0, i - AROUND), i + AROUND + 1);
  });
  const out: Shown[] = [];
  lines.forEach((line, i) => {
    const type = near[i] === true ? 'lines' : 'gap';
    const last = out.at(-1);
    if (last?.type === type) last.lines.push(line);
    else out.push({ type, lines: [line] });
  });
  return out;
}
