// The order of a file: by manifests alone, targets first.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cid } from '../../../worker/core/model/ids.ts';
import { inOrder, type Node } from '../../../worker/portable/order.ts';

const nameOf = (n: number): Cid => `blake3:${n.toString(16).padStart(64, '0')}` as Cid;

/** Who points at whom, always at one with a lower number, as hashes allow it; some at what isn't there. */
const graph = fc
  .array(
    fc.record({ createdAt: fc.constantFrom('1', '2', '3'), to: fc.array(fc.nat(200), { maxLength: 4 }) }),
    {
      maxLength: 60,
    },
  )
  .map((all) =>
    all.map(({ createdAt, to }, n): Node => ({
      cid: nameOf(n * 7919 * 7919),
      createdAt,
      targets: to.map((target) => (target < n ? nameOf(target * 7919 * 7919) : nameOf(target + 1e9))),
    })),
  );

const tableOf = (nodes: readonly Node[]): Map<Cid, Node> => new Map(nodes.map((node) => [node.cid, node]));

describe('the order of an export', () => {
  it('G27: each is there once, after what it points at, whatever order they are given in', () => {
    fc.assert(
      fc.property(
        graph.chain((nodes) =>
          fc.tuple(
            fc.constant(nodes),
            fc.shuffledSubarray(nodes, { minLength: nodes.length, maxLength: nodes.length }),
          ),
        ),
        ([nodes, shuffled]) => {
          const order = inOrder(tableOf(nodes));
          expect([...order].sort()).toEqual(nodes.map(({ cid }) => cid).sort());
          const place = new Map(order.map((cid, i) => [cid, i]));
          for (const { cid, targets } of nodes)
            for (const target of targets)
              expect(place.get(target) ?? -1).toBeLessThan(place.get(cid) ?? Infinity);
          expect(inOrder(tableOf(shuffled))).toEqual(order);
        },
      ),
    );
  });

  it('G27: a lineage as long as a grove is large takes no recursion', () => {
    const chain = Array.from({ length: 50_000 }, (_, n): Node => ({
      cid: nameOf(n),
      createdAt: `${9 - (n % 10)}`,
      targets: n === 0 ? [] : [nameOf(n - 1)],
    }));
    expect(inOrder(tableOf(chain))).toEqual(chain.map(({ cid }) => cid));
  });
});
