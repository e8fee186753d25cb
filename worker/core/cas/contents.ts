// What hangs below roots of block lists, as far as it is held, a few roots at a time. Knows records by their bytes only.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { Hash } from '../model/ids.ts';
import { readLists } from './blobs.ts';
import type { Contents } from './tally.ts';

/** Null where the store could not be read: then nothing is known of it. */
export function readContents(root: Hash, context: Context, then: (contents: Contents | null) => void): void {
  readLists({ hash: root, size: null }, context, (found) => {
    if (found === null) return then(null);
    const blocks = new Map(found.blocks.map(({ hash, size }) => [hash, size]));
    then({ blocks, lists: new Set(found.lists) });
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
