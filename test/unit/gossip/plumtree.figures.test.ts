// What many broadcast machines make together of a random graph: copies, hops and time. Figures at 1,000 are the
// simulator's; here is what holds of the algorithm alone, with delays of 10-90 ms.
import { describe, expect, it } from 'vitest';
import { Flood } from './flood.ts';

const MEAN = 50;

/** One entry a second. */
function write(flood: Flood, count: number, by: 'first' | 'random'): void {
  for (let i = 0; i < count; i += 1) {
    const [first] = flood.nodes;
    flood.write(by === 'random' || first === undefined ? flood.pick() : first);
    flood.run(1_000);
  }
  flood.run(3_000);
}

describe('broadcasts of many', () => {
  it('B2, B4: one author’s entries reach all by a tree: no copies, few hops', () => {
    const flood = new Flood({ nodes: 600, degree: 5, seed: 1 });
    write(flood, 20, 'first');
    const { delivered, redundancy, hops, p95 } = flood.figures(12);
    expect(delivered).toBe(1);
    expect(redundancy).toBeLessThanOrEqual(0.05);
    expect(hops).toBeLessThanOrEqual(9);
    expect(p95).toBeLessThanOrEqual(6 * MEAN);
  });

  it('B6: while links are replaced, and before there is a tree, ways are no deeper', () => {
    const flood = new Flood({ nodes: 600, degree: 6, seed: 1 });
    const [author] = flood.nodes;
    for (let i = 0; i < 24 && author !== undefined; i += 1) {
      flood.write(author);
      for (let each = 0; each < 8; each += 1) {
        flood.run(125);
        flood.replaceLink();
      }
    }
    flood.run(3_000);
    const { delivered, redundancy, hops, p95 } = flood.figures(0);
    expect(delivered).toBe(1);
    expect(redundancy).toBeLessThanOrEqual(0.4);
    expect(hops).toBeLessThanOrEqual(9);
    expect(p95).toBeLessThanOrEqual(6 * MEAN);
  });

  it('B2, B4: random authors’ entries reach all in bounded hops and time', () => {
    const flood = new Flood({ nodes: 600, degree: 5, seed: 2 });
    write(flood, 40, 'random');
    const { delivered, redundancy, hops, p95 } = flood.figures(20);
    expect(delivered).toBe(1);
    expect(redundancy).toBeLessThanOrEqual(2);
    expect(hops).toBeLessThanOrEqual(16);
    expect(p95).toBeLessThanOrEqual(11 * MEAN);
  });

  it('B3, B5: while a fifth is gone and nobody has noticed, what was told is grafted and reaches all that are linked', () => {
    const flood = new Flood({ nodes: 300, degree: 6, seed: 3 });
    write(flood, 12, 'first');
    for (const node of flood.nodes.slice(1)) if (node.index % 5 === 0) flood.kill(node, 8_000);
    const from = flood.messages.length;
    write(flood, 6, 'first');
    expect(flood.figures(from).delivered).toBe(1);
    flood.run(8_000);
    const after = flood.messages.length;
    write(flood, 10, 'first');
    const { delivered, redundancy } = flood.figures(after + 4);
    expect(delivered).toBe(1);
    expect(redundancy).toBeLessThanOrEqual(0.3);
  });
});
