// The signed log, entry by entry, as it lies on this device (SPEC G30): pages of what is known of each, and one with its
// bytes, verified anew. Decides nothing.
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import { GRAPH } from '../graph/config.ts';
import { checkLimit } from '../graph/order.ts';
import type { Grove } from '../grove.ts';
import { fromUtf8 } from '../model/bytes.ts';
import { entryMessage, MAX_INLINE_BODY } from '../model/entry.ts';
import { ThicketError } from '../model/errors.ts';
import { idBytes, type EntryId, type PeerId } from '../model/ids.ts';
import { parseJson } from '../model/json.ts';
import { decodeRow, type LogRow } from '../sync/row.ts';
import { readRows } from '../sync/stored.ts';
import type { Log, LogEntry } from '../sync/log.ts';
import { decode } from '../wire/cbor.ts';
import { bytesToHex } from '@noble/hashes/utils.js';
import { activeGrove, type Call } from './api.ts';

interface Filter {
  author?: string;
  kind?: string;
  before?: number;
  limit?: number;
}

/** Looked through at a go. */
const STRETCH = 512;

export function logCalls(core: Core) {
  const { context } = core;

  const itemOf = (grove: Grove, kept: LogEntry) => ({
    id: kept.id,
    author: kept.author,
    authorName: grove.members.nameOf(kept.author),
    seq: kept.seq,
    kind: kept.kind,
    lamport: kept.lamport,
    at: kept.at,
    size: kept.size,
    place: kept.index,
    receivedAt: kept.receivedAt,
    receivedFrom: kept.receivedFrom,
    signature: kept.signed ? ('own' as const) : ('later' as const),
    standing: kept.void ? ('void' as const) : kept.quarantined ? ('forked' as const) : ('counts' as const),
  });

  function totalsOf(grove: Grove, log: Log | null) {
    const authors = new Map<PeerId, number>();
    const kinds = new Map<string, number>();
    for (const { author, kind } of log?.since(0, Infinity) ?? []) {
      authors.set(author, (authors.get(author) ?? 0) + 1);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    const most = <K>(counts: ReadonlyMap<K, number>): [K, number][] =>
      [...counts].sort(([, a], [, b]) => b - a).slice(0, GRAPH.maxPage);
    return {
      entries: log?.size ?? 0,
      authors: most(authors).map(([peerId, entries]) => ({
        peerId,
        name: grove.members.nameOf(peerId),
        entries,
      })),
      kinds: most(kinds).map(([kind, entries]) => ({ kind, entries })),
    };
  }

  return {
    log(call: Call, id: string, { author, kind, before = Infinity, limit: asked }: Filter = {}): void {
      const grove = activeGrove(core, id);
      const limit = checkLimit(asked, GRAPH.page, GRAPH.maxPage);
      const log = core.sync.log(grove.id);
      const found: LogEntry[] = [];
      let end = Math.min(before, log?.end ?? 0);
      // One more than is asked for tells whether more follows.
      while (end > 0 && found.length <= limit) {
        const from = Math.max(0, end - STRETCH);
        const stretch = (log?.since(from, STRETCH) ?? []).filter(({ index }) => index < end).toReversed();
        found.push(
          ...stretch.filter(
            (kept) =>
              (author === undefined || kept.author === author) && (kind === undefined || kept.kind === kind),
          ),
        );
        end = from;
      }
      const page = found.slice(0, limit);
      const last = page.at(-1);
      call.reply({
        items: page.map((kept) => itemOf(grove, kept)),
        ...(found.length > limit && last !== undefined ? { before: last.index } : {}),
        ...(before === Infinity ? { totals: totalsOf(grove, log) } : {}),
      });
    },

    logEntry(call: Call, id: string, entry: string): void {
      const grove = activeGrove(core, id);
      const log = core.sync.log(grove.id);
      const kept = log?.get(entry as EntryId) ?? null;
      if (log === null || kept === null)
        throw new ThicketError('not-found', `entry: no entry ${entry} in "${grove.name}"`);
      const run = log.signedFrom(kept.id);
      readRows(grove.id, run, context, (stored) =>
        call.attempt(() => {
          const rows = run.map(({ id: wanted }, at) => {
            const decoded = stored[at] == null ? null : decodeRow(stored[at].row);
            return decoded?.ok === true && decoded.value.entry.id === wanted ? decoded.value : null;
          });
          const row = rows[run.indexOf(kept)] ?? null;
          if (row === null)
            throw new ThicketError('corrupt', `entry: ${entry} can't be read from this disk any more`);
          const chain = chainFrom(rows, kept.id);
          verify(chain, (verified) =>
            core.sync.readBodies(grove.id, [kept.id], ([body = null]) =>
              call.attempt(() => call.reply(detailOf(grove, log, kept, row, chain, verified, body))),
            ),
          );
        }),
      );
    },
  };

  function verify(chain: readonly LogRow[], then: (verified: boolean) => void): void {
    const last = chain.at(-1);
    if (last === undefined || last.signature === null) return then(false);
    const { entry, signature } = last;
    const item = { key: idBytes(entry.author), message: entryMessage(entry.id), signature };
    context.verify([item], (verdicts) => then(!isFailure(verdicts) && verdicts[0] === true));
  }

  function detailOf(
    grove: Grove,
    log: Log,
    kept: LogEntry,
    { entry, signature }: LogRow,
    chain: readonly LogRow[],
    verified: boolean,
    body: Uint8Array | null,
  ) {
    const signed = chain.at(-1);
    const tells = body !== null && body.length <= MAX_INLINE_BODY;
    return {
      ...itemOf(grove, kept),
      version: entry.version,
      prev: entry.prev,
      parents: entry.parents.map((id) => {
        const parent = log.get(id);
        if (parent === null) return { id };
        const { author, seq, kind } = parent;
        return { id, author, authorName: grove.members.nameOf(author), seq, kind };
      }),
      body: entry.body,
      blobs: entry.blobs,
      header: bytesToHex(entry.header),
      signatureBytes: signature === null ? null : bytesToHex(signature),
      verified,
      signedAt: signed?.signature == null ? null : { id: signed.entry.id, seq: signed.entry.seq },
      fields: tells ? readFields(kept.kind, body) : null,
      bodyBytes: tells ? bytesToHex(body) : null,
    };
  }
}

/** From an entry to the first signature after it, each the one before the next; empty where a link of it is missing. */
function chainFrom(rows: readonly (LogRow | null)[], id: EntryId): LogRow[] {
  const chain: LogRow[] = [];
  for (const row of rows) {
    const before = chain.at(-1);
    if (before === undefined ? row?.entry.id !== id : row?.entry.prev !== before.entry.id) continue;
    if (row == null) continue;
    chain.push(row);
    if (row.signature !== null) return chain;
  }
  return [];
}

/** A contribution's body is JSON, all others are CBOR. Unknown kinds are read too, since they are only shown. */
function readFields(kind: string, body: Uint8Array): unknown {
  if (kind === 'contribution') {
    const text = fromUtf8(body);
    const json = text.ok ? parseJson(text.value, 'body') : null;
    return json?.ok === true ? json.value : null;
  }
  const decoded = decode(body, { maxBytes: MAX_INLINE_BODY });
  return decoded.ok ? plain(decoded.value) : null;
}

/** As JSON: byte strings in hex. What is decoded is at most 16 deep. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(plain);
  // Their keys are anybody's words: none may reach the object's prototype.
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]));
  return value;
}
