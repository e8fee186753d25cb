// What was paused and cancelled by hand, over restarts.
import { describe, expect, it } from 'vitest';
import { createHalts, decodeHalt, encodeHalt, readHalts, type Halt } from '../../../worker/core/cas/halts.ts';
import { haltKey } from '../../../worker/core/cas/keys.ts';
import { CONFIG } from '../../../worker/core/config.ts';
import { createContext, isFailure } from '../../../worker/core/context.ts';
import type { Hash } from '../../../worker/core/model/ids.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';
import { aHash } from '../model/fixtures.ts';
import { answer, Tables } from '../sync/bench.ts';
import { blobOf, block, createCasBench, GROVE } from './bench.ts';

const small = blobOf(block(1), block(2), block(3));
const row = (hash: Hash): string => `blobs:${haltKey(hash)}`;

/** What a device that starts now finds. */
function read(tables: Tables): Map<Hash, Halt> {
  const context = createContext(createSeededRandom(1));
  let halts = new Map<Hash, Halt>();
  readHalts(context, (found) => {
    if (!isFailure(found)) halts = found;
  });
  for (const effect of context.takeEffects()) answer(effect, context, tables, null);
  return halts;
}

describe('a transfer that was stopped by hand', () => {
  it('C11: is paused after a restart, says how far it was, asks for nothing, and goes on when it is resumed', () => {
    const before = createCasBench();
    before.want(small);
    const [list] = small.lists.values();
    before.give('one', { type: 'list', list: small.claim.root, bytes: list ?? block(0) });
    before.give('one', { type: 'block', block: small.order[0] ?? small.hash, bytes: block(1) });
    // It is on its way to the disk.
    expect(before.cas.pause(small.hash)).toBe(true);
    before.pass(CONFIG.cas.write.within);

    const { tables } = before;
    const after = createCasBench({ tables, halts: read(tables) });
    expect(after.cas.paused()).toEqual([small.hash]);
    after.want(small);
    after.cas.resume();
    after.pass(60_000);
    expect(after.asked()).toEqual([]);
    expect(after.cas.info(small.hash)).toMatchObject({ state: 'paused', received: 1_000, size: 3_000 });
    expect(after.cas.unpause(small.hash)).toBe(true);
    after.run();
    expect(tables.rows.has(row(small.hash))).toBe(false);
    expect(after.serve([small])).toBe(2);
    expect(after.isComplete(small)).toBe(true);
  });

  it('C11: stays cancelled over a restart, until it is allowed', () => {
    const before = createCasBench();
    before.want(small);
    before.cas.pause(small.hash);
    before.cas.cancel(small.hash);
    before.run();

    const { tables } = before;
    const after = createCasBench({ tables, halts: read(tables) });
    after.want(small);
    expect(after.cas.info(small.hash)).toBeNull();
    expect(after.cas.paused()).toEqual([]);
    after.cas.allow(small.hash);
    after.want(small);
    after.serve([small]);
    expect(after.isComplete(small)).toBe(true);
    expect(read(tables).size).toBe(0);
  });

  it('C11: is forgotten with the grove it came by, where no other one names it', () => {
    const other = blobOf(block(7));
    const bench = createCasBench();
    bench.want(small, other);
    bench.cas.cancel(small.hash);
    bench.cas.cancel(other.hash);
    bench.claims.set(small.hash, []);
    bench.cas.drop(GROVE);
    bench.run();
    expect([...read(bench.tables).keys()]).toEqual([other.hash]);
  });

  it('C11: says so where the disk doesn’t take the note, and holds', () => {
    const bench = createCasBench();
    bench.want(small);
    bench.failing = 'quota';
    bench.cas.pause(small.hash);
    bench.run();
    expect(bench.facts.at(-1)).toMatchObject({ type: 'problem', code: 'quota' });
    expect(bench.cas.info(small.hash)?.state).toBe('paused');
  });
});

describe('what is noted of it', () => {
  const halt: Halt = { how: 'paused', grove: GROVE, at: 1_000, received: 5 };

  it('C11: is read as it was written, and what it can’t be is counted and left out', () => {
    expect(decodeHalt(encodeHalt(halt))).toEqual(halt);
    const bad = [
      encode(['stopped', new Uint8Array(32), 1, 1]),
      encode(['paused', new Uint8Array(31), 1, 1]),
      encode(['paused', new Uint8Array(32), -1, 1]),
      encode(['paused', new Uint8Array(32), 1]),
      new Uint8Array(200),
    ];
    expect(bad.map(decodeHalt)).toEqual(bad.map(() => null));
    const tables = new Tables();
    tables.rows.set(row(aHash('bad')), new Uint8Array([0xff]));
    tables.rows.set('blobs:halt/nonsense', encodeHalt(halt));
    tables.rows.set(row(aHash('good')), encodeHalt(halt));
    expect([...read(tables)]).toEqual([[aHash('good'), halt]]);
  });

  it('C11: is bounded: the oldest goes, from the disk too', () => {
    const tables = new Tables();
    const context = createContext(createSeededRandom(1));
    const halts = createHalts(context, { known: new Map(), failed: () => undefined });
    for (let n = 0; n <= CONFIG.cas.halts; n += 1) {
      context.setNow(n);
      halts.set(aHash(String(n)), halt);
    }
    for (const effect of context.takeEffects()) answer(effect, context, tables, null);
    const kept = read(tables);
    expect(kept.size).toBe(CONFIG.cas.halts);
    expect(kept.has(aHash('0'))).toBe(false);
    expect([...kept.keys()][0]).toBe(aHash('1'));
  });
});
