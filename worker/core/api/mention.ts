// A contribution as it is mentioned beside others: who signed it, and its words where it is held and stands.
import type { Grove } from '../grove.ts';
import { hiddenBy } from '../hidden.ts';
import type { Cid } from '../model/ids.ts';

export function mentionOf(grove: Grove, cid: Cid) {
  const item = grove.views.item(cid);
  if (item === null) return { cid, standing: 'unknown' as const };
  const author = item.publishers[0]?.author;
  const authorName = author === undefined ? '' : grove.members.nameOf(author);
  const signed = { cid, author: author ?? '', authorName, createdAt: item.createdAt };
  if (item.withdrawn) return { ...signed, standing: 'withdrawn' as const };
  const hidden = hiddenBy(grove, cid);
  if (hidden !== null) return { ...signed, standing: 'hidden' as const, hidden };
  if (item.manifest === null) return { ...signed, standing: 'missing' as const };
  const { kind, summary } = item.manifest;
  return { ...signed, standing: 'held' as const, kind, summary };
}
