// One of three sources corrupts what it gives: whether the transfer ends, what is stored, and how much is asked of that one.
import type { Tab } from '../e2e/harness.ts';
import { digestOf } from '../e2e/bytes.ts';
import { hookChannels } from './channel-hooks.ts';
import { MIB, type Job } from './job.ts';
import { createNoise } from './noise.ts';
import { bring, counter, giveBytes, knows, openPeers } from './peers.ts';

const SOURCES = 3;

export const corrupt: Job = {
  name: 'corrupt',
  about: 'one of three sources flips a bit in each block: bytes stored, and what is asked of it',
  mib: 32,
  runs: 3,
  async run({ mib, runs, tell }) {
    const peers = await openPeers(1 + SOURCES, { init: hookChannels });
    try {
      const [receiver, ...holders] = peers.all.map(({ tab }) => tab);
      const [first] = holders;
      const liar = holders.at(-1);
      if (receiver === undefined || first === undefined || liar === undefined)
        throw new Error('peers were to open');
      for (let run = 0; run < runs; run++) {
        const bytes = createNoise(`corrupt ${run}`).bytes(mib * MIB);
        const { cid, digest } = await giveBytes(peers, first, bytes, `corrupt-${run}`);
        for (const tab of [...holders.slice(1), receiver]) await knows(tab, peers.grove, cid);
        for (const tab of holders.slice(1)) await bring(tab, peers.grove, cid);
        const bad = await counter(receiver, 'blocks.bad');
        const sentBefore = await Promise.all(holders.map(bulk));
        await setCorrupt(liar, true);
        const ms = await bring(receiver, peers.grove, cid);
        await setCorrupt(liar, false);
        const sent = (await Promise.all(holders.map(bulk))).map((now, i) => now - (sentBefore[i] ?? 0));
        const [theirs, mine] = await Promise.all([storedBlocks(first), storedBlocks(receiver)]);
        const differing = Object.entries(mine).filter(([key, sum]) => theirs[key] !== sum);
        tell('finished', {
          MiB: mib,
          ms: Math.round(ms),
          equal: (await digestOf(receiver, peers.grove, cid, 'file')) === digest,
          blocksStored: Object.keys(mine).length,
          blocksStoredThatDiffer: differing.length,
          blocksRefused: (await counter(receiver, 'blocks.bad')) - bad,
          sentByLiarMiB: Number(((sent.at(-1) ?? NaN) / MIB).toFixed(2)),
          sentByOthersMiB: sent.slice(0, -1).map((bytesSent) => Number((bytesSent / MIB).toFixed(2))),
        });
      }
    } finally {
      await peers.close();
    }
  },
};

const bulk = (tab: Tab): Promise<number> => tab.page.evaluate(() => window.channelHooks.bulkSent);
const setCorrupt = (tab: Tab, on: boolean): Promise<void> =>
  tab.page.evaluate((value) => {
    window.channelHooks.corrupt = value;
  }, on);

/** SHA-256, by WebCrypto, of each block in this tab's IndexedDB, by its key; read past the app. */
const storedBlocks = (tab: Tab): Promise<Record<string, string>> =>
  tab.page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('no reason given'));
      });
    /** Bytes in the row itself, or a place in a pack. */
    const contentOf = async (database: IDBDatabase, row: unknown): Promise<BufferSource | null> => {
      if (row instanceof Uint8Array) return row.slice();
      if (typeof row !== 'object' || row === null || !('pack' in row && 'at' in row && 'size' in row))
        return null;
      const pack: unknown = await done(
        database.transaction('packs').objectStore('packs').get(Number(row.pack)),
      );
      const [start, end] = [Number(row.at), Number(row.at) + Number(row.size)];
      return pack instanceof Blob ? pack.slice(start, end).arrayBuffer() : null;
    };
    const sums: Record<string, string> = {};
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      if (database.objectStoreNames.contains('blocks')) {
        const rows = (): IDBObjectStore => database.transaction('blocks').objectStore('blocks');
        for (const key of await done(rows().getAllKeys())) {
          const value = await contentOf(database, await done<unknown>(rows().get(key)));
          if (typeof key !== 'string' || value === null)
            throw new Error('a block is stored as something else');
          const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', value));
          sums[key] = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
        }
      }
      database.close();
    }
    return sums;
  });
