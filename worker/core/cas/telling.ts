// Tells those who fetch a blob which of its blocks are here, and what of it comes (SPEC C8). Knows nothing of how blocks
// are asked for or given.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import type { GroveId, Hash, LinkId } from '../model/ids.ts';
import { MAX_PLACES } from '../wire/frame.ts';
import { bitsOf } from './bits.ts';
import { readHeld, readLists } from './blobs.ts';
import { blobKey } from './keys.ts';
import { decodeBlobRecord } from './record.ts';

export interface TellingHooks {
  /** Roots that the log of this grove names for the blob, if the grove is open on this link; else none. */
  rootsOf(link: LinkId, grove: GroveId, blob: Hash): readonly Hash[];
  /** What is here of a blob that is being fetched by this root; null where it isn't. */
  held(blob: Hash, root: Hash): Uint8Array | null;
}

interface Watch {
  grove: GroveId;
  root: Hash;
}

interface Watcher {
  watches: Map<Hash, Watch>;
  /** Blobs of which it waits for the first answer; one is looked up at a time. */
  line: Set<Hash>;
  busy: boolean;
}

const newWatcher = (): Watcher => ({ watches: new Map(), line: new Set(), busy: false });

interface Told {
  all: boolean;
  bits: Uint8Array;
  places: number[];
}

const NONE = new Uint8Array();
/** Remembered answers about blobs that are not being fetched. */
const REMEMBERED = 16;
/** What is longer goes as bulk, so that it doesn't hold up what must be quick. */
const CONTROL = 16_384;

export function createTelling(context: Context, hooks: TellingHooks) {
  const watchers = new Map<LinkId, Watcher>();
  /** Stored lately and not told on yet, by blob; null: tell all that is held. */
  const fresh = new Map<Hash, { root: Hash; places: Set<number> | null }>();
  const remembered = new Map<Hash, { at: number; bits: Uint8Array }>();
  let due: number | null = null;

  function tell(link: LinkId, blob: Hash, root: Hash, told: Partial<Told>): void {
    const { all = false, bits = NONE, places = [] } = told;
    const lane = bits.length > CONTROL ? 'bulk' : 'control';
    context.send(link, { type: 'have', blob, root, all, bits, places }, lane);
  }

  const isNamed = (link: LinkId, blob: Hash, { grove, root }: Watch): boolean =>
    hooks.rootsOf(link, grove, blob).includes(root);

  /** Links to tell of a blob, as far as they may be told. */
  function* watching(blob: Hash, root: Hash): Iterable<LinkId> {
    for (const [link, { watches }] of watchers) {
      const watch = watches.get(blob);
      if (watch?.root === root && isNamed(link, blob, watch)) yield link;
    }
  }

  // ---- the first answer -------------------------------------------------------------------------------

  function pump(link: LinkId, watcher: Watcher): void {
    if (watcher.busy) return;
    const [blob] = watcher.line;
    const watch = blob === undefined ? undefined : watcher.watches.get(blob);
    if (blob === undefined) return;
    watcher.line.delete(blob);
    if (watch === undefined) return pump(link, watcher);
    watcher.busy = true;
    look(blob, watch.root, (found) => {
      watcher.busy = false;
      if (watchers.get(link) !== watcher) return;
      if (watcher.watches.get(blob) === watch) {
        const bits = hooks.held(blob, watch.root) ?? found;
        if (bits === 'all') finish(link, watcher, blob, watch.root);
        else tell(link, blob, watch.root, { bits });
      }
      pump(link, watcher);
    });
  }

  function finish(link: LinkId, watcher: Watcher, blob: Hash, root: Hash): void {
    watcher.watches.delete(blob);
    tell(link, blob, root, { all: true });
  }

  function look(blob: Hash, root: Hash, then: (found: Uint8Array | 'all') => void): void {
    const bits = hooks.held(blob, root);
    if (bits !== null) return then(bits);
    context.read('blobs', [blobKey(blob)], (values) => {
      const record = isFailure(values) ? null : (values[0] ?? null);
      const decoded = record && decodeBlobRecord(record);
      if (decoded?.ok && decoded.value.complete && decoded.value.root === root) return then('all');
      const known = remembered.get(root);
      if (known !== undefined && context.elapsed() - known.at < CONFIG.cas.heldFor) return then(known.bits);
      readPart(root, (part) => {
        remembered.delete(root);
        remembered.set(root, { at: context.elapsed(), bits: part });
        const [oldest] = remembered.keys();
        if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
        then(part);
      });
    });
  }

  /** What is left in the store of a blob that was given up, or that another blob shares. */
  function readPart(root: Hash, then: (bits: Uint8Array) => void): void {
    readLists({ hash: root, size: null }, context, (found) => {
      if (found === null || found.problem !== null || found.missing.length > 0) return then(NONE);
      const { blocks } = found;
      readHeld(blocks, context, (held) => then(bitsOf(blocks, ({ hash }) => held?.has(hash) === true)));
    });
  }

  // ---- what comes -------------------------------------------------------------------------------------

  function later(blob: Hash, root: Hash, places: readonly number[] | null): void {
    const [someone] = watching(blob, root);
    if (someone === undefined) return;
    const known = fresh.get(blob);
    const before = known?.root === root ? known.places : new Set<number>();
    const together = before === null || places === null ? null : new Set([...before, ...places]);
    fresh.set(blob, { root, places: together !== null && together.size > MAX_PLACES ? null : together });
    due ??= context.elapsed() + CONFIG.cas.tellAfter;
  }

  function flush(): void {
    due = null;
    const news = [...fresh];
    fresh.clear();
    for (const [blob, { root, places }] of news) {
      const told = places === null ? { bits: hooks.held(blob, root) ?? NONE } : { places: [...places] };
      for (const link of watching(blob, root)) tell(link, blob, root, told);
    }
  }

  return {
    watch(link: LinkId, grove: GroveId, blob: Hash, root: Hash): void {
      const watch = { grove, root };
      const watcher = watchers.get(link) ?? newWatcher();
      watchers.set(link, watcher);
      watcher.watches.delete(blob);
      watcher.watches.set(blob, watch);
      const [oldest] = watcher.watches.keys();
      if (watcher.watches.size > CONFIG.cas.watches && oldest !== undefined) {
        watcher.watches.delete(oldest);
        context.count('haves.overflow');
      }
      // Its grove may come to name it later.
      if (!isNamed(link, blob, watch)) return tell(link, blob, root, {});
      watcher.line.add(blob);
      pump(link, watcher);
    },

    stop(link: LinkId, blob: Hash): void {
      watchers.get(link)?.watches.delete(blob);
    },

    /** These places of the blob were stored just now; null: it is known now which of them are here. */
    stored: later,

    complete(blob: Hash, root: Hash): void {
      remembered.delete(root);
      fresh.delete(blob);
      for (const link of [...watching(blob, root)]) {
        const watcher = watchers.get(link);
        if (watcher !== undefined) finish(link, watcher, blob, root);
      }
    },

    linkGone: (link: LinkId): void => void watchers.delete(link),

    tick(now: number): void {
      if (due !== null && due <= now) flush();
    },

    nextWake: (): number | null => due,
  };
}
