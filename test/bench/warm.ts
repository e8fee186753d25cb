// The receiver holds a parent of which a little changed: how much of the child has to move.
import { digestOf } from '../e2e/bytes.ts';
import { movedBytes } from './cutting.ts';
import { applyEdits, makeEdits } from './edits.ts';
import { MIB, type Job } from './job.ts';
import { createNoise } from './noise.ts';
import { brought, bringNext, giveBytes, openPeers, overLinks } from './peers.ts';
import { median, rounded } from './stats.ts';

const SHARE = 0.01;
const PLACES = 20;
const TARGETS = [8, 16, 32, 64, 128].map((kib) => kib * 1024);

export const warm: Job = {
  name: 'warm',
  about: `the receiver holds a parent; ${SHARE * 100} % of it changed in ${PLACES} places: share of bytes that move`,
  mib: 64,
  runs: 3,
  async run({ mib, runs, tell }) {
    const size = mib * MIB;
    const families = Array.from({ length: runs }, (_, run) => {
      const noise = createNoise(`warm ${run}`);
      const parent = noise.bytes(size);
      return { parent, child: applyEdits(parent, makeEdits({ size, places: PLACES, share: SHARE }, noise)) };
    });
    for (const target of TARGETS) {
      const moved = families.map(({ parent, child }) => movedBytes(parent, child, target));
      const shares = moved.map(({ bytes, listBytes }) => (bytes + listBytes) / size);
      tell('cut offline', {
        MiB: mib,
        targetKiB: target / 1024,
        share: rounded(median(shares)),
        each: shares.map((share) => rounded(share)),
        listShare: rounded(median(moved.map(({ listBytes }) => listBytes / size))),
        blocks: Math.round(median(moved.map(({ blocks }) => blocks))),
      });
    }
    const peers = await openPeers(2);
    try {
      const [a, b] = peers.all;
      if (a === undefined || b === undefined) throw new Error('two peers were to open');
      const shares: number[] = [];
      let isEqual = true;
      for (const [run, { parent, child }] of families.entries()) {
        const received = await inTurn([parent, child], async (bytes, i) => {
          const before = (await overLinks(b.tab)).received;
          await bringNext(b.tab, peers.grove);
          const { cid, digest } = await giveBytes(peers, a.tab, bytes, `warm-${run}-${i}`);
          await brought(b.tab);
          const after = (await overLinks(b.tab)).received;
          isEqual &&= (await digestOf(b.tab, peers.grove, cid, 'file')) === digest;
          return after - before;
        });
        shares.push((received[1] ?? NaN) / (received[0] ?? NaN));
      }
      tell('bytes received over the link for the child, of those for the parent', {
        MiB: mib,
        share: rounded(median(shares)),
        each: shares.map((share) => rounded(share)),
        atMost: 0.08,
        equal: isEqual,
      });
    } finally {
      await peers.close();
    }
  },
};

async function inTurn<T, R>(items: readonly T[], work: (item: T, i: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const [i, item] of items.entries()) results.push(await work(item, i));
  return results;
}
