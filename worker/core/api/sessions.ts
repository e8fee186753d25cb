// What an author did, read off its own chain of the log, acts among it (SPEC G24). What an agent did is in the views.
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import { GRAPH } from '../graph/config.ts';
import { checkLimit } from '../graph/order.ts';
import type { Grove } from '../grove.ts';
import { isActKind } from '../model/acts.ts';
import { decodeBody } from '../model/body.ts';
import { ThicketError } from '../model/errors.ts';
import { cidOf, type Cid, type Hash, type PeerId } from '../model/ids.ts';
import type { LogEntry } from '../sync/log.ts';
import type { Call } from './api.ts';
import { mentionOf } from './mention.ts';

/** Of one author: what counts of what it wrote. */
interface Deeds {
  author: PeerId;
  contributions: number;
  acts: number;
  first: LogEntry;
  last: LogEntry;
}

/** What of its entries counts: those of a reader only as far as they are about itself (SPEC G11). */
function countsOf(grove: Grove, author: PeerId): (kind: string) => boolean {
  const [publishes, belongs] = [grove.members.mayPublish(author), grove.members.isMember(author)];
  return (kind) => {
    if (kind === 'profile') return belongs;
    return publishes && (kind === 'contribution' || kind === 'retract' || isActKind(kind));
  };
}

function deedsOf(core: Core, grove: Grove, author: PeerId): Deeds | null {
  const log = core.sync.log(grove.id);
  const counts = countsOf(grove, author);
  let deeds: Deeds | null = null;
  for (let seq = 1, entry = log?.at(author, seq); entry; seq += 1, entry = log?.at(author, seq)) {
    if (!counts(entry.kind)) continue;
    deeds ??= { author, contributions: 0, acts: 0, first: entry, last: entry };
    if (entry.kind === 'contribution') deeds.contributions += 1;
    else deeds.acts += 1;
    deeds.last = entry;
  }
  return deeds;
}

/** All authors, the latest activity first. */
export function authorsOf(core: Core, grove: Grove): { authors: Deeds[]; more: number } {
  const all = grove.members.list().flatMap(({ peer }) => deedsOf(core, grove, peer) ?? []);
  all.sort((a, b) => b.last.lamport - a.last.lamport || (a.last.id < b.last.id ? 1 : -1));
  const authors = all.slice(0, GRAPH.maxPage);
  return { authors, more: all.length - authors.length };
}

interface Said {
  target?: ReturnType<typeof mentionOf>;
  member?: { peerId: PeerId; name: string };
  key?: string;
  word?: string;
  note?: string;
}

/** What an entry says, as far as its body is here and whole. */
export function saidBy(grove: Grove, kind: string, body: Uint8Array | null): Said {
  const decoded = body === null ? null : decodeBody(kind, body);
  if (!decoded?.ok) return {};
  const said = decoded.value;
  const about = (target: Hash) => ({ target: mentionOf(grove, cidOf(target)) });
  const member = (peerId: PeerId) => ({ member: { peerId, name: grove.members.nameOf(peerId) } });
  switch (said.kind) {
    case 'claim':
      return { ...about(said.target), word: said.act, note: said.note };
    case 'outcome':
      return { ...about(said.target), word: said.outcome, note: said.reason };
    case 'vote':
      return { ...about(said.target), word: said.vote };
    case 'retract':
      return about(said.target);
    case 'setting':
      return { key: said.key };
    case 'admit':
      return { ...member(said.key), word: said.role };
    case 'role':
      return { ...member(said.target), word: said.role };
    case 'ban':
    case 'unban':
      return { ...member(said.target), note: said.reason };
    case 'request':
      return { member: { peerId: said.key, name: said.name } };
    case 'approve':
      return { ...member(said.key), word: said.approved ? 'approved' : 'declined', note: said.reason };
    case 'report':
      return said.about === 'contribution'
        ? { ...about(said.subject), note: said.reason }
        : { note: said.reason };
    case 'moderate': {
      const { word, reason: note } = said;
      return said.about === 'contribution' ? { ...about(said.subject), word, note } : { word, note };
    }
    case 'elect':
      return member(said.to);
    case 'succeed':
      return member(said.owner);
    case 'successor':
      return said.to === null ? {} : member(said.to);
    case 'handover':
      return member(said.to);
    default:
      return {};
  }
}

/** The place of the last entry of the page before; 0 for the first. */
function seqOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new ThicketError(
    'invalid',
    `cursor: expected one from an earlier page, got "${cursor.slice(0, 80)}"`,
  );
}

/** Answers with a page of it; bodies of acts are read for this page only. */
export function authorSession(
  core: Core,
  call: Call,
  grove: Grove,
  author: PeerId,
  options: { limit?: number; cursor?: string },
): void {
  const limit = checkLimit(options.limit, GRAPH.page, GRAPH.maxPage);
  const log = core.sync.log(grove.id);
  const counts = countsOf(grove, author);
  const page: LogEntry[] = [];
  let seq = seqOf(options.cursor) + 1;
  let entry = log?.at(author, seq);
  for (; entry && page.length < limit; entry = log?.at(author, seq)) {
    if (counts(entry.kind)) page.push(entry);
    seq += 1;
  }
  const last = page.at(-1);
  const isMore = last !== undefined && entry != null;
  const acts = page.filter(({ kind }) => kind !== 'contribution');
  const authorName = grove.members.nameOf(author);
  core.context.read(
    'bodies',
    acts.map(({ body }) => body),
    (values) => {
      const bodies = new Map(acts.map(({ id }, at) => [id, isFailure(values) ? null : (values[at] ?? null)]));
      const items = page.map(({ id, kind, at, body }) => ({
        id,
        kind,
        author,
        authorName,
        at,
        ...(kind === 'contribution'
          ? { target: mentionOf(grove, cidOf(body)) }
          : saidBy(grove, kind, bodies.get(id) ?? null)),
      }));
      call.reply({ items, ...(isMore ? { cursor: String(last.seq) } : {}) });
    },
  );
}

/** Of a contribution where an agent's acts are told: who published it first. */
export const contributionItem = (
  grove: Grove,
  cid: Cid,
  { entry, author, at }: { entry: string; author: PeerId; at: number },
) => ({
  id: entry,
  kind: 'contribution',
  author,
  authorName: grove.members.nameOf(author),
  at,
  target: mentionOf(grove, cid),
});
