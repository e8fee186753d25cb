// What new contributions add to a picture that is here already, so that it need not be asked for anew. Pure.
import type { Contribution, GraphView } from '../../worker/rpc/api.ts';

type Added = Pick<
  Contribution,
  'cid' | 'body' | 'kind' | 'summary' | 'author' | 'createdAt' | 'withdrawn' | 'outgoing' | 'incoming'
>;

/** Entries that change nothing in a picture: what members do about contributions, or say of themselves. */
const BESIDE: ReadonlySet<string> = new Set(['vote', 'claim', 'outcome', 'profile', 'setting', 'invite']);

export const isBeside = (kind: string): boolean => BESIDE.has(kind);

/** The picture with them at its end; null where something that was there would have to move, or go: then all is asked for. */
export function grown(view: GraphView, added: readonly Added[], limit: number): GraphView | null {
  const nodes = new Map(view.nodes.map((node) => [node.cid, node]));
  const edges = [...view.edges];
  for (const each of added) {
    // Published by one more, or not held when it was drawn.
    if (nodes.has(each.cid) || each.withdrawn) return null;
    if (each.incoming.some(({ cid }) => nodes.has(cid))) return null;
    for (const { cid, relationType } of each.outgoing) {
      const target = nodes.get(cid);
      if (target === undefined) continue;
      edges.push({ from: each.cid, to: cid, relationType });
      const adopts = relationType === 'adopts' || relationType === 'derives_from';
      if (adopts) nodes.set(cid, { ...target, adoption: target.adoption + 1 });
    }
    const { cid, body, summary, author, createdAt, incoming } = each;
    const adoption = incoming.filter((edge) => ['adopts', 'derives_from'].includes(edge.relationType)).length;
    nodes.set(cid, { cid, kind: body ? each.kind : '', summary, author, adoption, createdAt });
  }
  return nodes.size > limit ? null : { ...view, nodes: [...nodes.values()], edges };
}
