// What hangs below roots of block lists, as far as it is held, a few roots at a time. Knows records by their bytes only.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { decodeList } from '../model/blocklist.ts';
import { toHash, type Hash } from '../model/ids.ts';
import { hash32 } from '../model/keys.ts';
import { readLists } from './blobs.ts';
import { listKey } from './keys.ts';
import type { Contents } from './tally.ts';

/** Null where the store could not be read: then nothing is known of it. */
export function readContents(root: Hash, context: Context, then: (contents: Contents | null) => void): void {
  readLists({ hash: root, size: null }, context, (found) => {
    if (found === null) return then(null);
    const blocks = new Map(found.blocks.map(({ hash, size }) => [hash, size]));
    then({ blocks, lists: new Set(found.lists) });
  });
}

/** Artifacts of up to so many bytes have one list of a few KiB: many of them are read at once. */
const SMALL = 1024 * 1024;

/** The same of many blobs, by records of their own: few reads where they are small. */
export function readAllContents(
  blobs: readonly { root: Hash; size: number }[],
  context: Context,
  then: (contents: ReadonlyMap<Hash, Contents | null>) => void,
): void {
  const found = new Map<Hash, Contents | null>();
  const small = [...new Set(blobs.filter(({ size }) => size <= SMALL).map(({ root }) => root))];
  const readRest = (): void => {
    const rest = new Set(blobs.map(({ root }) => root).filter((root) => !found.has(root)));
    eachOf(
      rest,
      (root, done) =>
        readContents(root, context, (contents) => {
          found.set(root, contents);
          done();
        }),
      () => then(found),
    );
  };
  if (small.length === 0) return readRest();
  context.read('blobs', small.map(listKey), (values) => {
    small.forEach((root, index) => {
      const bytes = isFailure(values) ? null : (values[index] ?? null);
      const list = bytes && toHash(hash32(bytes)) === root ? decodeList(bytes) : null;
      // Whatever else it may be is found out one by one.
      if (list?.ok !== true || list.value.level > 0) return;
      const blocks = new Map(list.value.items.map(({ hash, size }) => [hash, size]));
      found.set(root, { blocks, lists: new Set([root]) });
    });
    readRest();
  });
}

/** Runs `task` for each item, a few at a time, then `done`. */
export function eachOf<T>(
  items: Iterable<T>,
  task: (item: T, done: () => void) => void,
  done: () => void,
  width: number = CONFIG.storage.lists,
): void {
  const rest = items[Symbol.iterator]();
  let open = 0;
  let looping = false;
  let ended = false;

  /** Tasks may end at once: that must not deepen the stack. */
  function next(): void {
    if (looping || ended) return;
    looping = true;
    for (
      let item = open < width ? rest.next() : null;
      item !== null;
      item = open < width ? rest.next() : null
    ) {
      if (item.done === true) break;
      open += 1;
      task(item.value, finished);
    }
    looping = false;
    if (open > 0) return;
    ended = true;
    done();
  }
  function finished(): void {
    open -= 1;
    next();
  }
  next();
}
