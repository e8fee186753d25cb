import { describe, expect, it } from 'vitest';
import type { GraphView } from '../../../worker/rpc/api.ts';
import { changeMarks, makeMarks, PART, type Colours, type Marks } from '../../../src/graph/marks.ts';
import { layoutGraph } from '../../../src/state/layout.ts';

const COLOURS: Colours = { stem: 'grey', kind: (kind) => `of ${kind}` };

/** A chain of so many; `adoption`: of the first. */
const chain = (count: number, adoption = 0): GraphView => ({
  nodes: Array.from({ length: count }, (_, n) => ({
    cid: `c${n}`,
    kind: 'work',
    summary: `Run ${n}`,
    author: '',
    adoption: n === 0 ? adoption : 0,
    createdAt: new Date(n * 1000).toISOString(),
  })),
  edges: Array.from({ length: Math.max(0, count - 1) }, (_, n) => ({
    ...{ from: `c${n + 1}`, to: `c${n}`, relationType: 'derives_from' as const },
  })),
  truncated: false,
});
const told = (marks: Marks): unknown => {
  const { nodes, edges } = marks.export();
  return [nodes, edges];
};
const made = (view: GraphView): Promise<Marks> =>
  makeMarks(layoutGraph(view), COLOURS, () => Promise.resolve());

describe('what is drawn of a graph', () => {
  it('gives way at least once for each thousand nodes or edges', async () => {
    let breaths = 0;
    await makeMarks(layoutGraph(chain(5000)), COLOURS, () => {
      breaths += 1;
      return Promise.resolve();
    });
    expect(breaths).toBeGreaterThanOrEqual(Math.floor(9999 / PART));
  });

  it('changes a drawing in place to what a new one would be, where little is new', async () => {
    const marks = await made(chain(300));
    const isChanged = changeMarks(marks, layoutGraph(chain(300)), layoutGraph(chain(310, 4)), COLOURS);
    expect(isChanged).toBe(true);
    expect(told(marks)).toEqual(told(await made(chain(310, 4))));
  });

  it('leaves a drawing alone that would change much, or lose something', async () => {
    const marks = await made(chain(300));
    const before = told(marks);
    for (const other of [chain(3000), chain(200)])
      expect(changeMarks(marks, layoutGraph(chain(300)), layoutGraph(other), COLOURS)).toBe(false);
    expect(told(marks)).toEqual(before);
  });
});
