// Which key this browser had, remembered apart from where it is stored: in localStorage and in a cache. So a page can tell a
// browser that removed it from one where nobody ever was. The public half only.

const KEY = /^[0-9a-f]{64}$/;
const CACHE = 'thicket-known';

export interface KnownKeyOptions {
  /** Which of this browser's peers. */
  peer: string;
  memory: Pick<Storage, 'getItem' | 'setItem'>;
  /** Null where the browser has none. */
  caches: Pick<CacheStorage, 'open' | 'has'> | null;
}

export class KnownKey {
  readonly #options: KnownKeyOptions;

  constructor(options: KnownKeyOptions) {
    this.#options = options;
  }

  /** Of localStorage. */
  get name(): string {
    return `thicket/known/${this.#options.peer}`;
  }

  /** Null where localStorage knows of none: the cache may. */
  readAtOnce(): string | null {
    return asKey(this.#options.memory.getItem(this.name));
  }

  async read(): Promise<string | null> {
    const known = this.readAtOnce();
    const { caches } = this.#options;
    if (known !== null || caches === null) return known;
    try {
      if (!(await caches.has(CACHE))) return null;
      const kept = await (await caches.open(CACHE)).match(this.#place);
      return asKey((await kept?.text()) ?? null);
    } catch {
      // A cache that can't be read is as good as none.
      return null;
    }
  }

  /** This is the one from now on. Where one of the two places refuses, the other still tells. */
  async note(key: string): Promise<void> {
    const { memory, caches } = this.#options;
    try {
      memory.setItem(this.name, key);
    } catch {
      // Full, or switched off.
    }
    try {
      await (await caches?.open(CACHE))?.put(this.#place, new Response(key));
    } catch {
      // Full, or switched off.
    }
  }

  get #place(): string {
    return `/known/${encodeURIComponent(this.#options.peer)}`;
  }
}

/** Written by whatever ran at this address. */
const asKey = (text: string | null): string | null => (text !== null && KEY.test(text) ? text : null);
