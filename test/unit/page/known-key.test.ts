// What a page remembers of the key it met, and what it says where the browser removed it.
import { describe, expect, it } from 'vitest';
import type { Device } from '../../../worker/rpc/api.ts';
import { KeyWatch } from '../../../src/state/key-watch.svelte.ts';
import { KnownKey } from '../../../src/state/known-key.ts';
import { fakePeer } from './fake-peer.ts';

const OLD = 'a'.repeat(64);
const NEW = 'b'.repeat(64);
const OTHER = 'c'.repeat(64);

const device = (peerId: string): Device => ({
  ...{ peerId, fingerprint: '', name: '', self: false, since: 0, groves: 0, ended: 0, code: '' },
});

/** A browser's two memories; each may be emptied, or refuse. */
function browser() {
  const kept = new Map<string, string>();
  const cached = new Map<string, string>();
  const refusing = { memory: false, caches: false };
  const refuse = (what: keyof typeof refusing): void => {
    if (refusing[what]) throw new DOMException('full', 'QuotaExceededError');
  };
  const cache = {
    match: (place: string) =>
      Promise.resolve(cached.has(place) ? new Response(cached.get(place)) : undefined),
    put: async (place: string, response: Response) => {
      refuse('caches');
      cached.set(place, await response.text());
    },
  };
  return {
    ...{ kept, cached, refusing },
    memory: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem(name: string, value: string) {
        refuse('memory');
        kept.set(name, value);
      },
    },
    caches: {
      has: () => Promise.resolve(cached.size > 0),
      open: () => Promise.resolve(cache as Partial<Cache> as Cache),
    },
  };
}
type Where = ReturnType<typeof browser>;

const known = ({ memory, caches }: Where, peer = 'main'): KnownKey => new KnownKey({ peer, memory, caches });
const watch = (where: Where, devices: string[] = [], peer = 'main'): KeyWatch =>
  new KeyWatch(fakePeer({ devices: () => Promise.resolve(devices.map(device)) }).thicket, known(where, peer));

describe('a key that was met', () => {
  it('is remembered in two places, either of which tells it alone', async () => {
    const where = browser();
    await known(where).note(OLD);
    expect(known(where).readAtOnce()).toBe(OLD);
    where.kept.clear();
    expect(known(where).readAtOnce()).toBeNull();
    expect(await known(where).read()).toBe(OLD);
    await known(where).note(NEW);
    where.cached.clear();
    expect(await known(where).read()).toBe(NEW);
  });

  it('is each peer’s of a browser its own, and what is no key counts as none', async () => {
    const where = browser();
    await known(where).note(OLD);
    expect(await known(where, 'other').read()).toBeNull();
    const [name] = [...where.kept.keys()];
    const [place] = [...where.cached.keys()];
    for (const broken of ['', 'x'.repeat(64), OLD.slice(1), `${OLD}0`]) {
      where.kept.set(name ?? '', broken);
      where.cached.set(place ?? '', broken);
      expect(await known(where).read()).toBeNull();
    }
  });

  it('is told by one place where the other refuses to keep it', async () => {
    for (const refused of ['memory', 'caches'] as const) {
      const where = browser();
      where.refusing[refused] = true;
      await known(where).note(OLD);
      expect(await known(where).read()).toBe(OLD);
    }
  });
});

describe('a browser that removed what was stored', () => {
  it('is new where nothing was known, and knows its key at once from then on', async () => {
    const where = browser();
    const first = watch(where);
    expect(first.state).toBe('looking');
    await first.meet(OLD);
    expect(first.state).toBe('known');
    const second = watch(where);
    const meeting = second.meet(OLD);
    expect(second.state).toBe('known');
    await meeting;
  });

  it('another key than the one that was here is told, on each start, until somebody says what is to be done', async () => {
    const where = browser();
    await watch(where).meet(OLD);
    for (let start = 0; start < 2; start += 1) {
      const found = watch(where);
      await found.meet(NEW);
      expect([found.state, found.was]).toEqual(['lost', OLD]);
    }
    const anew = watch(where);
    await anew.meet(NEW);
    await anew.keep();
    expect([anew.state, anew.was]).toEqual(['known', null]);
    const later = watch(where);
    await later.meet(NEW);
    expect(later.state).toBe('known');
  });

  it('is told too where only the cache still knows', async () => {
    const where = browser();
    await watch(where).meet(OLD);
    where.kept.clear();
    const found = watch(where);
    await found.meet(NEW);
    expect(found.state).toBe('lost');
  });

  it('a new key that was made here is no such thing: noted as it is made, or told by the groves', async () => {
    const where = browser();
    const page = watch(where);
    await page.meet(OLD);
    await page.keep(NEW);
    await page.meet(NEW);
    expect(page.state).toBe('known');

    const unheard = watch(where, [OTHER, NEW]);
    await unheard.meet(OTHER);
    expect(unheard.state).toBe('known');
    expect(known(where).readAtOnce()).toBe(OTHER);
  });

  it('restored, what came of it stays in sight; the next start finds it settled', async () => {
    const where = browser();
    await watch(where).meet(OLD);
    const page = watch(where);
    await page.meet(NEW);
    await page.noted();
    expect(page.state).toBe('lost');
    const next = watch(where);
    await next.meet(NEW);
    expect(next.state).toBe('known');
    // Another tab, which heard of it by its storage.
    await page.meet(NEW);
    expect(page.state).toBe('known');
  });

  it('the word of a peer that was overtaken by a restart counts for nothing', async () => {
    const where = browser();
    await watch(where).meet(OLD);
    const page = watch(where);
    const first = page.meet(NEW);
    const second = page.meet(OLD);
    await Promise.all([first, second]);
    expect(page.state).toBe('known');
    expect(known(where).readAtOnce()).toBe(OLD);
  });

  it('a peer that cannot tell its devices leaves it lost: nobody is made new in silence', async () => {
    const where = browser();
    await watch(where).meet(OLD);
    const { thicket } = fakePeer({ devices: () => Promise.reject(new Error('busy')) });
    const page = new KeyWatch(thicket, known(where));
    await page.meet(NEW);
    expect(page.state).toBe('lost');
  });
});
