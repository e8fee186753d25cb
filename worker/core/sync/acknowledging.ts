// Who is told that what they sent was applied. Knows nothing of how it was.
import type { LinkId, PeerId } from '../model/ids.ts';
import type { Exchange } from './exchange.ts';
import type { AppliedEntry } from './types.ts';

/** Pushes are acknowledged by the newest of each author; whoever is owed none is told where the log stands. */
export function acknowledge(
  exchange: Pick<Exchange, 'acknowledge' | 'confirm'>,
  owed: ReadonlySet<LinkId>,
  counted: readonly AppliedEntry[],
  applied: readonly AppliedEntry[],
): void {
  for (const link of owed) {
    const newest = new Map<PeerId, AppliedEntry>();
    for (const each of counted) if (each.link === link) newest.set(each.entry.author, each);
    for (const { entry } of newest.values()) exchange.acknowledge(link, entry.id);
  }
  for (const link of new Set(applied.map(({ link: source }) => source))) {
    if (link !== null && !owed.has(link)) exchange.confirm(link);
  }
}
