// A device that dies between any two writes of what a person does with it: what was acknowledged is there, and the store is whole.
import { describe, expect, it } from 'vitest';
import { createMemoryStore, type MemoryData } from '../../../worker/adapters/store-memory.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { StoreError, type Store } from '../../../worker/core/ports.ts';
import { createHub, createPeer, until, work, type TestPeer } from './mesh.ts';

/** Writes that go through; from then on the device is dead: nothing is written or read any more. */
function dying(
  data: MemoryData,
  writes: number,
): { store: Store; written: () => number; isDead: () => boolean } {
  const store = createMemoryStore({ data });
  let count = 0;
  const dead = <T>(): Promise<T> => Promise.reject(new StoreError('closed', 'the power went'));
  const isDead = (): boolean => count > writes;
  return {
    written: () => count,
    isDead,
    store: {
      read: (...asked) => (isDead() ? dead() : store.read(...asked)),
      scan: (...asked) => (isDead() ? dead() : store.scan(...asked)),
      write(...asked) {
        count += 1;
        return isDead() ? dead() : store.write(...asked);
      },
      close: () => store.close(),
    },
  };
}

interface Done {
  grove: string | null;
  cids: Map<string, string>;
  retracted: string | null;
  voted: boolean;
  evicted: boolean;
}

const noise = (seed: number, size: number): Uint8Array => createSeededRandom(seed).bytes(size);

/** What is noted was acknowledged. Ends with the first call that fails. */
async function live(peer: TestPeer, done: Done): Promise<void> {
  const { id } = await peer.api.createGrove({ name: 'Grove' });
  done.grove = id;
  const give = async (summary: string, extra: object = {}): Promise<string> => {
    const { cid } = await peer.api.contribute(id, work(summary, extra));
    done.cids.set(summary, cid);
    return cid;
  };
  const one = await give('One', { artifacts: { 'a.bin': noise(1, 150_000), 'b.bin': noise(2, 20_000) } });
  const two = await give('Two', {
    description: 'long '.repeat(10_000),
    artifacts: { 'a.bin': noise(1, 150_000) },
  });
  await peer.api.vote(id, one, 'up');
  done.voted = true;
  await peer.api.pin(id, one);
  await peer.api.retract(id, two);
  done.retracted = two;
  await give('Three', { artifacts: { 'c.bin': noise(3, 40_000) } });
  await until(async () => (await peer.api.storage()).ready, 'counted', 2_000);
  const { files } = await peer.api.contribution(id, done.cids.get('Three') ?? '');
  const { kept } = await peer.api.evict(
    id,
    files.map(({ hash }) => hash.replace('blake3:', '')),
  );
  done.evicted = kept.length === 0;
}

describe('a device that dies', () => {
  it('S1, S10, C5, C20: between any two writes, what was acknowledged is there afterwards, and nothing dangles', async () => {
    let ended = false;
    for (let writes = 1; !ended; writes += 1) {
      const before = createMemoryStore();
      const { store, isDead } = dying(before.data, writes);
      const done: Done = { grove: null, cids: new Map(), retracted: null, voted: false, evicted: false };
      const peer = createPeer(createHub(), 'a', { store, seed: 7 });
      // One who died answers nothing: whoever asks it may wait for ever.
      await Promise.race([
        live(peer, done).catch(() => undefined),
        until(() => Promise.resolve(isDead()), 'it dies', 20_000).then(() => new Promise(setImmediate)),
      ]);
      ended = !isDead();
      peer.stop();

      const again = createPeer(createHub(), 'a', {
        store: createMemoryStore({ data: before.data }),
        seed: 7,
      });
      const result = await again.api.verify({ repair: true });
      // What was stored for a contribution that was never written goes; else nothing is wrong.
      expect(result.findings.filter(({ kind }) => kind !== 'orphan')).toEqual([]);
      expect(result.sound).toBe(true);
      const groves = await again.api.groves();
      if (done.grove !== null) {
        expect(groves).toMatchObject([{ id: done.grove, state: 'active' }]);
        for (const [summary, cid] of done.cids) {
          const found = await again.api.contribution(done.grove, cid);
          expect(found.summary).toBe(summary);
          const isHere = found.files.every(({ held }) => held);
          if (summary === 'One' || (summary === 'Two' && done.retracted === null)) expect(isHere).toBe(true);
          if (summary === 'Three' && done.evicted) expect(isHere).toBe(false);
        }
        if (done.voted)
          expect(await again.api.votes(done.grove, done.cids.get('One') ?? '')).toMatchObject({ up: 1 });
        if (done.retracted !== null)
          expect((await again.api.contributions(done.grove)).items.map(({ cid }) => cid)).not.toContain(
            done.retracted,
          );
        // It goes on from there.
        await again.api.contribute(done.grove, work('After'));
      }
      again.stop();
      if (ended) expect([done.evicted, writes > 10]).toEqual([true, true]);
    }
  }, 300_000);
});
