// What a peer derived from a grove, as text that is equal at all who derived the same: all it says of the grove through
// the scripting surface, less what is about the peer itself (what it holds, whom it knows to hold what, when it came).
import type { PeerId } from '../../worker/core/model/ids.ts';
import type { Method, Methods } from '../../worker/rpc/api.ts';

export type Ask = <M extends Method>(method: M, params: readonly unknown[]) => Promise<Methods[M]['result']>;

/** Most entries of one answer. */
const PAGE = 500;

export async function viewsOf(
  ask: Ask,
  grove: string,
  options: {
    recency: boolean;
    /** Whether this author's entries are looked at one by one: of a hostile author's each may hold others. */
    counts(author: PeerId): boolean;
  },
): Promise<string> {
  const ids: string[] = [];
  for (let since = '0'; ;) {
    const { items, next } = await ask('changes', [grove, { since, limit: PAGE }]);
    for (const { id, author } of items) if (options.counts(author as PeerId)) ids.push(id);
    if (items.length === 0) break;
    since = next;
  }
  const list: unknown[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await ask('contributions', [
      grove,
      { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
    ]);
    list.push(...page.items.map((item) => ({ ...item, artifacts: item.artifacts.total })));
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  const { byRecency, ...rankings } = await ask('frontier', [grove, { limit: 100 }]);
  return JSON.stringify(
    {
      ids: ids.sort(),
      list,
      rankings,
      // Ruled by the reader's own clock (SPEC G4).
      byRecency: options.recency ? byRecency : null,
      graph: await ask('graph', [grove]),
      members: await ask('members', [grove]),
    },
    (key, value: unknown) => (key === 'holders' ? undefined : value),
  );
}
