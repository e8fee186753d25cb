// The order of a file: what is pointed at comes before what points at it (G27). The same set is in the same order everywhere,
// since it depends on nothing but manifests.
import { compareIds, type Cid } from '../core/model/ids.ts';

export interface Node {
  cid: Cid;
  /** The manifest's claim. */
  createdAt: string;
  /** In any order, known or not. */
  targets: readonly Cid[];
}

/** By createdAt and CID, each after its targets. A target is named by its hash, so nothing points at itself in the end. */
export function inOrder(nodes: ReadonlyMap<Cid, Node>): Cid[] {
  const done = new Set<Cid>();
  const compare = (a: Node, b: Node): number =>
    compareIds(a.createdAt, b.createdAt) || compareIds(a.cid, b.cid);
  for (const first of [...nodes.values()].sort(compare)) {
    // Without recursion: a lineage may be as long as the grove is large.
    const stack = [{ node: first, entered: false }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { node, entered } = top;
      if (done.has(node.cid)) continue;
      if (entered) {
        done.add(node.cid);
        continue;
      }
      stack.push({ node, entered: true });
      const targets = node.targets.flatMap((cid) => (done.has(cid) ? [] : (nodes.get(cid) ?? [])));
      // The last pushed is the first taken.
      for (const target of targets.sort((a, b) => compare(b, a)))
        stack.push({ node: target, entered: false });
    }
  }
  return [...done];
}
