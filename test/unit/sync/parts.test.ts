// The small parts of sync: the inbox, the log, rows on disk.
import { describe, expect, it } from 'vitest';
import { toEntryId } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { encodeEntry, type Entry } from '../../../worker/core/model/entry.ts';
import { Staging, type Staged } from '../../../worker/core/sync/staging.ts';
import { Inbox } from '../../../worker/core/sync/inbox.ts';
import { Log } from '../../../worker/core/sync/log.ts';
import { decodeRow, encodeRow } from '../../../worker/core/sync/row.ts';
import type { Inbound } from '../../../worker/core/sync/types.ts';
import { key, linkOf, NOTED, OWNER, World } from './bench.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { valueOf } from '../model/fixtures.ts';

const a = key(2);
const frame = (link: string, size: number): Inbound => ({
  link: linkOf(link),
  peer: a.id,
  entries: [{ header: new Uint8Array(size), signature: null, body: null, table: null }],
  why: 'sync',
  hops: 0,
});

describe('the inbox', () => {
  it('S3: bounds each link by frames and bytes, and gives what waits in order', () => {
    const inbox = new Inbox({ frames: 2, bytes: 100 });
    expect(inbox.add(frame('one', 60))).toBe(true);
    expect(inbox.add(frame('one', 41))).toBe(false);
    expect(inbox.add(frame('two', 90))).toBe(true);
    expect(inbox.add(frame('one', 40))).toBe(true);
    expect(inbox.add(frame('one', 0))).toBe(false);
    expect(inbox.take().map(({ link }) => link)).toEqual(['one', 'two', 'one']);
    expect(inbox.take()).toEqual([]);
    expect(inbox.add(frame('one', 100))).toBe(true);
    inbox.forget(linkOf('one'));
    expect(inbox.take()).toEqual([]);
  });
});

describe('staging', () => {
  it('S4: a signature covers what it was checked with, not what stands in its place by then', () => {
    const world = new World([a]);
    const [true1, true2] = ['x', 'y'].map((summary) => world.contribute(a, summary));
    const forged = encodeEntry({ ...(true1?.entry ?? world.invite), at: 7 });
    const log = world.log(OWNER);
    const staging = new Staging(log, { entries: 100, bytes: 1_000_000 });
    const stage = (entry: Entry, signature: Uint8Array | null): Staged => {
      const staged: Staged = {
        entry,
        signature,
        body: null,
        table: null,
        link: linkOf('one'),
        peer: a.id,
        urgent: false,
        state: 'open',
        gone: false,
      };
      staging.add(staged);
      return staged;
    };
    if (true1 === undefined || true2 === undefined) return;
    stage(true1.entry, null);
    const newest = stage(true2.entry, true2.wire.signature);
    expect(staging.takeUnverified(64)).toEqual([newest]);
    stage(forged, null);
    staging.cover(newest);
    expect(staging.pending.next()).toBeNull();
    // What it was checked with comes after all.
    const first = stage(true1.entry, null);
    expect(staging.pending.next()).toEqual({ staged: first, right: true });
    staging.pending.take(first);
    expect(staging.pending.next()).toEqual({ staged: newest, right: true });
  });
});

describe('the log', () => {
  const world = new World([a]);
  for (const summary of ['x', 'y', 'z']) world.contribute(a, summary);

  it('M8: the next entry follows the newest of membership and the tips, and nothing twice', () => {
    const next = world.log(a).next(a.id);
    const head = world.log(a).head(a.id);
    expect(next).toMatchObject({ seq: 4, prev: head?.id });
    expect(next.parents).toEqual([world.log(OWNER).head(OWNER.id)?.id]);
    expect(next.lamport).toBe((head?.lamport ?? 0) + 1);
    const fresh = new Log().next(a.id);
    expect(fresh).toEqual({ seq: 1, prev: null, parents: [], lamport: 1 });
  });

  it('S10: places are those on disk, whatever row was lost, and the next is after the last', () => {
    const entries = world.all.map(({ entry }) => entry);
    const log = new Log();
    const places = [0, 1, 4, undefined, 2, 9];
    for (const [i, index] of places.entries()) {
      const entry = entries[i];
      if (entry !== undefined)
        log.append(entry, { ...NOTED(entry), ...(index === undefined ? {} : { index }) });
    }
    const indices = [0, 1, 4, 5, 6, 9];
    for (let from = 0; from < 12; from += 1)
      expect(log.since(from, 2).map(({ index }) => index)).toEqual(
        indices.filter((index) => index >= from).slice(0, 2),
      );
    expect(log.end).toBe(10);
    expect(log.size).toBe(6);
    expect(new Log().end).toBe(0);
  });

  it('S5: what a vector lacks, what it has more, and runs of any shape', () => {
    const log = world.log(a);
    const mine = log.vector().map((row) => (row.author === a.id ? { ...row, seq: 1 } : row));
    expect(log.missingIn(mine).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(log.missingIn(log.vector().map((row) => ({ ...row, seq: 2 ** 52 })))).toEqual([]);
    const ahead = [{ author: a.id, seq: 9, id: toEntryId(hash32(utf8('x'))) }];
    expect(log.missingHere(ahead)).toEqual([{ author: a.id, from: 4, to: 9 }]);
    const of = (...runs: [number, number][]) =>
      log.ofRuns(runs.map(([from, to]) => ({ author: a.id, from, to }))).map(({ seq }) => seq);
    expect(of([0, 2], [2, 2 ** 53])).toEqual([1, 2, 3]);
    expect(of([3, 1], [2, 2], [9, 9])).toEqual([2]);
    expect(of([1, 1], [3, 3])).toEqual([1, 3]);
  });
});

describe('a row of the log', () => {
  const world = new World([a]);
  const { entry, wire } = world.contribute(a, 'x');
  const row = { entry, signature: wire.signature, table: null, index: 3, receivedAt: 5, receivedFrom: a.id };

  it('S10: is read back as it was written', () => {
    expect(valueOf(decodeRow(encodeRow(row)))).toEqual(row);
    const inner = { ...row, signature: null, receivedFrom: null, table: new Uint8Array([0x80]) };
    expect(valueOf(decodeRow(encodeRow(inner)))).toEqual(inner);
  });

  it('S10: that is cut, changed or too large is a failure, never a throw', () => {
    const bytes = encodeRow(row);
    for (let at = 0; at < bytes.length; at += 1) {
      expect(decodeRow(bytes.subarray(0, at)).ok).toBe(false);
      const damaged = decodeRow(bytes.map((byte, index) => (index === at ? byte ^ 0x20 : byte)));
      // A damaged signature or time can't be told here; a damaged header is another entry.
      if (damaged.ok && at > 2 && at < entry.header.length) expect(damaged.value.entry.id).not.toBe(entry.id);
    }
    expect(decodeRow(encodeRow({ ...row, table: new Uint8Array(200_000) })).ok).toBe(false);
  });
});
