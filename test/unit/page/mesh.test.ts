// The mesh as it is drawn: who is in sight, one line between two, and a place for each.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addFlows, meshOf, MOST_NODES, noFlows, ringOf } from '../../../src/peers/mesh.ts';
import { ratesOf, sampleOf } from '../../../src/peers/rates.ts';
import type { MeshEdge, PeerInfo } from '../../../worker/rpc/api.ts';

const edge = (
  from: string,
  to: string,
  push: MeshEdge['push'] = 'lazy',
  age: number | null = 5,
): MeshEdge => ({
  ...{ from, to, push },
  age: from === 'me' ? null : age,
});

describe('P10: the mesh', () => {
  it('there is one line between two, as strong as one of its ends says', () => {
    const mesh = meshOf('me', [
      edge('me', 'ann', 'lazy'),
      edge('ann', 'me', 'eager'),
      edge('ann', 'ben', 'none'),
      edge('ben', 'ann', 'lazy'),
      edge('ann', 'cem', 'eager'),
    ]);
    expect(mesh.nodes).toEqual([
      { id: 'me', state: 'self' },
      { id: 'ann', state: 'linked' },
      { id: 'ben', state: 'near' },
      { id: 'cem', state: 'near' },
    ]);
    expect(mesh.lines).toEqual([
      { a: 'me', b: 'ann', push: 'eager', own: true, told: 2 },
      { a: 'ann', b: 'ben', push: 'lazy', own: false, told: 2 },
      { a: 'ann', b: 'cem', push: 'eager', own: false, told: 1 },
    ]);
  });

  it('nobody can claim a link to this device that it does not have', () => {
    const mesh = meshOf('me', [edge('me', 'ann'), edge('ann', 'liar'), edge('liar', 'me', 'eager')]);
    expect(mesh.lines.map(({ a, b }) => `${a} ${b}`)).toEqual(['me ann', 'ann liar']);
    expect(mesh.nodes.find(({ id }) => id === 'liar')?.state).toBe('near');
  });

  it('a crowd is counted, those linked to this device first', () => {
    const told = Array.from({ length: 60 }, (_, n) => edge('zed', `a${String(n).padStart(2, '0')}`));
    const mesh = meshOf('me', [...told, edge('me', 'zed')]);
    expect(mesh.nodes).toHaveLength(MOST_NODES);
    expect(mesh.nodes.some(({ id }) => id === 'zed')).toBe(true);
    expect(mesh.nodes.length - 1 + mesh.more).toBe(61);
  });

  it('the order in which edges come changes nothing', () => {
    const ids = fc.constantFrom('me', 'ann', 'ben', 'cem', 'dee');
    const any = fc
      .tuple(ids, ids, fc.constantFrom('eager' as const, 'lazy' as const, 'none' as const))
      .filter(([from, to]) => from !== to)
      .map(([from, to, push]) => edge(from, to, push));
    const edges = fc.uniqueArray(any, { selector: ({ from, to }) => `${from} ${to}`, maxLength: 12 });
    fc.assert(
      fc.property(edges, (all) => {
        expect(meshOf('me', all.toReversed())).toEqual(meshOf('me', all));
      }),
    );
  });

  it('every place lies inside, none on another, and no line runs through a third', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: MOST_NODES }),
        fc.integer({ min: 280, max: 900 }),
        (count, width) => {
          const height = 300;
          const places = ringOf(count, width, height);
          for (const { x, y } of places) {
            expect(x).toBeGreaterThan(0);
            expect(x).toBeLessThan(width);
            expect(y).toBeGreaterThan(0);
            expect(y).toBeLessThan(height);
          }
          // Strictly convex: each turn goes the same way.
          for (let i = 0; count > 2 && i < count; i += 1) {
            const [a, b, c] = [places[i], places[(i + 1) % count], places[(i + 2) % count]];
            if (!a || !b || !c) throw new Error('a ring goes round');
            expect((b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x)).toBeGreaterThan(0);
          }
          expect(ringOf(count, width, height)).toEqual(places);
        },
      ),
    );
  });

  it('what passes is added up by peer', () => {
    const passed = { peer: 'ann', bytes: 10, news: 1 };
    let flows = addFlows(noFlows(), [{ ...passed, direction: 'out', messages: 2 }]);
    flows = addFlows(flows, [
      { ...passed, direction: 'in', messages: 3, news: 0 },
      { ...passed, direction: 'out', messages: 1 },
    ]);
    expect(flows.get('ann')).toEqual({ out: 3, in: 3, bytes: 30, news: 2 });
  });
});

describe('O3: rates', () => {
  const peer = (id: string, sent: number, received: number): PeerInfo => ({
    ...{ peerId: 'ann', name: 'Ann', fingerprint: '', role: 'member', state: 'linked', rttMs: null },
    link: { id, since: 1, sent, received, carrier: '' },
    ...{ lag: 0, lags: [], sync: 'active', backfill: null, lastSync: null, source: null },
    ...{ liveness: 'alive', neighbour: true, groves: [], standing: null },
  });

  it('are told per second of one link, and not of another that took its place', () => {
    const before = sampleOf([peer('L1', 1000, 50)], 10_000);
    expect(ratesOf(before, [peer('L1', 3000, 150)], 12_000).get('ann')).toEqual({ out: 1000, in: 50 });
    expect(ratesOf(before, [peer('L2', 3000, 150)], 12_000).size).toBe(0);
    expect(ratesOf(null, [peer('L1', 3000, 150)], 12_000).size).toBe(0);
    expect(ratesOf(before, [peer('L1', 3000, 150)], 10_000).size).toBe(0);
  });
});
