// Fetching by CID over whole peers: from holders, through neighbours, and not at all.
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';
import { createHub, createPeer, has, joined, pair, until, work } from './mesh.ts';

/** a - b - c: a and c never have a link, and b fetches nothing by itself. */
async function line() {
  const hub = createHub();
  const { a, b, id } = await pair(hub);
  hub.apart = (x, y) => [x, y].includes('a') && [x, y].includes('c');
  const c = createPeer(hub, 'c');
  await c.api.join(await b.api.invite(id));
  await joined(c, id);
  for (const peer of [b, c]) await peer.api.policy(id, { bodies: 'on-demand', artifacts: 'on-demand' });
  return { hub, a, b, c, id };
}

describe('fetch', () => {
  it('H5: a holder that is no neighbour and can’t be linked is reached through one', async () => {
    const { a, b, c, id } = await line();
    const { cid } = await a.api.contribute(
      id,
      work('Far away', { artifacts: { 'x.bin': new Uint8Array(300_000).fill(5) } }),
    );
    await has(c, id, cid);
    const fetched = await c.api.fetch(id, cid);
    expect(fetched).toMatchObject({ summary: 'Far away', files: [{ held: true, size: 300_000 }] });
    expect((await b.api.stats()).counters['fetch.forOthers']).toBeGreaterThan(0);
    for (const peer of [a, b, c]) peer.stop();
  });

  it('H5: requests for one CID are joined', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await b.api.policy(id, { bodies: 'on-demand', artifacts: 'on-demand' });
    const { cid } = await a.api.contribute(id, work('Once', { artifacts: { 'x.bin': 'bytes' } }));
    await has(b, id, cid);
    let asked = 0;
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      if (from === 'b' && decoded.ok && decoded.value.type === 'want-body') asked += 1;
      return frame;
    };
    const all = await Promise.all([
      b.api.fetch(id, cid, { artifacts: false }),
      b.api.fetch(id, cid),
      b.api.fetch(id, cid),
    ]);
    expect(all.map(({ body }) => body)).toEqual([true, true, true]);
    expect(all[1].files[0]?.held).toBe(true);
    expect(asked).toBe(1);
    a.stop();
    b.stop();
  });

  it('H5: with nobody linked it says so at once', async () => {
    const { a, b, c, id } = await line();
    const { cid } = await a.api.contribute(id, work('Gone'));
    await has(c, id, cid);
    a.stop();
    b.stop();
    await until(async () => (await c.api.groves())[0]?.links === 0, 'no links');
    await expect(c.api.fetch(id, cid)).rejects.toMatchObject({ code: 'offline' });
    c.stop();
  });

  it('H4: replicated counts those who signed that they hold it, linked or not', async () => {
    const { a, b, c, id } = await line();
    const { cid } = await c.api.contribute(id, work('By c'));
    await until(async () => {
      const [entry] = (await a.api.frontier(id)).byRecency;
      return entry?.cid === cid && entry.holders >= 1;
    }, 'the digest at a');
    expect((await a.api.replicated(id, cid, 1)).copies).toBe(1);
    for (const peer of [a, b, c]) peer.stop();
  });
});
