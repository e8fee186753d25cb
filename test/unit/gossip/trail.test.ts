import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createContext, OUTCOMES } from '../../../worker/core/context.ts';
import { createTrail, type Message } from '../../../worker/core/gossip/trail.ts';
import { decodeTrail, encodeTrail } from '../../../worker/core/gossip/trail-rows.ts';
import { toGroveId, toPeerId } from '../../../worker/core/model/ids.ts';
import { createTrailKeeper } from '../../../worker/core/trail-keeper.ts';
import type { Frame } from '../../../worker/core/wire/frame.ts';

const id = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const ANN = toPeerId(id(1));
const BEN = toPeerId(id(2));
const GROVE = toGroveId(id(10));
const OTHER = toGroveId(id(11));

const push: Frame = { type: 'entries', grove: GROVE, why: 'push', hops: 0, entries: [] };
const prune: Frame = { type: 'prune', grove: GROVE };
const shuffle = (grove = GROVE): Frame => ({ type: 'disconnect', grove });

describe('the record of gossip', () => {
  it('O1: of each type the newest messages are kept, newest told first', () => {
    const trail = createTrail(3);
    for (let at = 1; at <= 5; at += 1) trail.sent(at, ANN, prune, 40);
    trail.sent(2, BEN, push, 900);
    const told = trail.list({});
    expect(told.map(({ at, type }) => [at, type])).toEqual([
      [5, 'prune'],
      [4, 'prune'],
      [3, 'prune'],
      [2, 'entries'],
    ]);
    expect(told.at(-1)).toEqual({
      at: 2,
      type: 'entries',
      peer: BEN,
      grove: GROVE,
      direction: 'out',
      bytes: 900,
      why: 'eager',
      outcome: 'sent',
    } satisfies Message);
  });

  it('O1: type, grove, peer, time and number narrow what is told', () => {
    const trail = createTrail(10);
    trail.sent(1, ANN, prune, 1);
    trail.sent(2, BEN, shuffle(OTHER), 1);
    trail.sent(3, ANN, shuffle(), 1);
    const times = (filter: Parameters<typeof trail.list>[0]): number[] =>
      trail.list(filter).map(({ at }) => at);
    expect(times({ type: 'disconnect' })).toEqual([3, 2]);
    expect(times({ grove: OTHER })).toEqual([2]);
    expect(times({ peer: ANN })).toEqual([3, 1]);
    expect(times({ since: 2 })).toEqual([3, 2]);
    expect(times({ limit: 1 })).toEqual([3]);
    expect(times({ type: 'no such type' })).toEqual([]);
  });

  it('O1: why a list of entries was sent is what its frame says', () => {
    const trail = createTrail(10);
    for (const why of ['push', 'sync', 'want', 'graft'] as const) trail.sent(1, ANN, { ...push, why }, 1);
    expect(trail.list({}).map(({ why }) => why)).toEqual(['graft', 'want', 'sync', 'eager']);
  });

  it('O1: what is counted while a message is handled says what became of it, and nothing after that', () => {
    const trail = createTrail(10);
    const outcome = (...names: string[]): string | undefined => {
      trail.received(1, ANN, prune, 1);
      for (const name of names) trail.counted(name);
      trail.handled();
      trail.counted('entries.refused');
      return trail.list({ type: 'prune', limit: 1 })[0]?.outcome;
    };
    expect(outcome()).toBe('taken');
    expect(outcome('sent.prune', 'sent.bytes')).toBe('taken');
    expect(outcome('entries.duplicate')).toBe('duplicate');
    expect(outcome('frames.closed')).toBe('refused');
    expect(outcome('frames.unexpected')).toBe('unknown');
    expect(outcome('entries.badBody', 'entries.duplicate')).toBe('refused');
    expect(outcome('entries.overflow', 'entries.duplicate')).toBe('dropped');
  });

  it('O1: who judges later says so later; the weightiest word stands', () => {
    const trail = createTrail(2);
    trail.received(1, ANN, push, 1);
    const judge = trail.verdict();
    trail.handled();
    expect(trail.list({})[0]?.outcome).toBe('staged');
    judge('applied');
    judge('duplicate');
    expect(trail.list({})[0]?.outcome).toBe('applied');
    for (let at = 2; at <= 3; at += 1) trail.sent(at, ANN, push, 1);
    judge('refused');
    expect(trail.list({}).map((message) => message.outcome)).toEqual(['sent', 'sent']);
  });

  it('O1: a message is recorded in less than a microsecond', () => {
    const trail = createTrail(1_000);
    const rounds = 200_000;
    const run = (): number => {
      const start = performance.now();
      for (let at = 0; at < rounds; at += 1) {
        trail.received(1_700_000_000_000 + at, ANN, push, 900);
        trail.counted('received.entries');
        trail.handled();
      }
      return ((performance.now() - start) / rounds) * 1_000;
    };
    expect(Math.min(run(), run(), run())).toBeLessThan(1);
  });

  it('O2: what was written is read back as it was, whatever is in it', () => {
    const message = fc.record({
      at: fc.integer({ min: 0, max: 2 ** 52 }),
      peer: fc.constantFrom(ANN, BEN),
      grove: fc.constantFrom(GROVE, OTHER),
      bytes: fc.integer({ min: 0, max: 262_144 }),
      incoming: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 40 }), (messages) => {
        const trail = createTrail(100);
        for (const { at, peer, grove, bytes, incoming } of messages) {
          if (incoming) trail.received(at, peer, shuffle(grove), bytes);
          else trail.sent(at, peer, { ...push, grove }, bytes);
        }
        const row = encodeTrail(trail.take(100));
        const again = createTrail(100);
        again.restore(decodeTrail(row ?? new Uint8Array()));
        expect(again.list({})).toEqual(trail.list({}));
      }),
    );
  });

  it('O2: damaged rows are read as far as they make sense, without a throw', () => {
    const trail = createTrail(10);
    trail.sent(1, ANN, push, 5);
    const row = encodeTrail(trail.take(10)) ?? new Uint8Array();
    fc.assert(
      fc.property(fc.nat(row.length - 1), fc.integer({ min: 0, max: 255 }), (place, byte) => {
        const damaged = row.slice();
        damaged[place] = byte;
        for (const [, kept] of decodeTrail(damaged)) expect(kept.length).toBeLessThanOrEqual(1);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeTrail(bytes)));
  });

  it('O2: restored messages stand before those recorded meanwhile, which are still settled', () => {
    const old = createTrail(10);
    old.sent(1, ANN, push, 5);
    const row = encodeTrail(old.take(10)) ?? new Uint8Array();
    const trail = createTrail(10);
    trail.received(2, BEN, push, 6);
    const judge = trail.verdict();
    trail.handled();
    trail.restore(decodeTrail(row));
    judge('applied');
    expect(trail.list({}).map(({ at, outcome }) => [at, outcome])).toEqual([
      [2, 'applied'],
      [1, 'sent'],
    ]);
    expect([...trail.take(10).values()].flat().map(({ at }) => at)).toEqual([2]);
    expect(trail.take(10).size).toBe(0);
  });

  it('O2: a grove that is erased leaves the record, on disk and here', () => {
    const trail = createTrail(10);
    trail.sent(1, ANN, shuffle(OTHER), 5);
    trail.sent(2, ANN, shuffle(GROVE), 5);
    trail.take(10);
    trail.forget(OTHER);
    expect(trail.list({}).map(({ grove }) => grove)).toEqual([GROVE]);
    expect([...trail.take(10).values()].flat().map(({ grove }) => grove)).toEqual([GROVE]);
  });

  it('has few enough outcomes for the bits they are kept in', () => {
    expect(OUTCOMES.length).toBeLessThanOrEqual(16);
  });
});

describe('the record on disk', () => {
  function bench() {
    const context = createContext({ bytes: (length) => new Uint8Array(length) });
    const trail = createTrail(1_000);
    const keeper = createTrailKeeper(context, trail);
    const rows = new Map<string, Uint8Array>();
    let writes = 0;
    let now = 0;
    const settle = (): void => {
      for (const effect of context.takeEffects()) {
        if (effect.type === 'write') {
          writes += 1;
          for (const op of effect.ops) {
            if (op.op === 'put') rows.set(op.key, op.value);
            if (op.op === 'delete') rows.delete(op.key);
            if (op.op === 'clear')
              for (const key of [...rows.keys()]) if (key.startsWith(op.prefix)) rows.delete(key);
          }
          context.resume({ type: 'written', token: effect.token });
        }
        if (effect.type === 'scan') {
          const found = [...rows].sort().map(([key, value]) => ({ key, value }));
          context.resume({ type: 'scanned', token: effect.token, rows: found });
        }
      }
    };
    return {
      trail,
      keeper,
      rows,
      writes: () => writes,
      bytes: () => [...rows.values()].reduce((sum, { length }) => sum + length, 0),
      settle,
      wait(ms: number) {
        now += ms;
        context.setNow(now);
        context.runTimers();
        settle();
      },
    };
  }

  it('O2: is written once for all that passed in 30 s, and not at all where nothing did', () => {
    const { trail, keeper, settle, wait, writes } = bench();
    keeper.load();
    settle();
    wait(60_000);
    expect(writes()).toBe(0);
    for (let at = 0; at < 5; at += 1) {
      trail.sent(at, ANN, push, 1);
      keeper.touch();
    }
    wait(29_000);
    expect(writes()).toBe(0);
    wait(1_000);
    expect(writes()).toBe(1);
    wait(60_000);
    expect(writes()).toBe(1);
  });

  it('O2: stays within 256 KiB, the oldest going first', () => {
    const { trail, keeper, settle, wait, bytes, rows } = bench();
    keeper.load();
    settle();
    for (let round = 0; round < 120; round += 1) {
      for (let at = 0; at < 300; at += 1) trail.sent(round * 1_000 + at, ANN, push, 1);
      keeper.touch();
      wait(30_000);
      expect(bytes()).toBeLessThanOrEqual(256 * 1024);
    }
    expect(bytes()).toBeGreaterThan(200 * 1024);
    expect([...rows.keys()].sort().at(-1)).toBe('trail/000000000119');
    const again = createTrail(1_000);
    again.restore(decodeTrail([...rows].sort().at(-1)?.[1] ?? new Uint8Array()));
    expect(again.list({ limit: 1 })[0]?.at).toBe(119_299);
  });

  it('O2: goes on from what an earlier start wrote', () => {
    const { trail, keeper, settle, wait, rows } = bench();
    const before = createTrail(10);
    before.sent(7, BEN, prune, 1);
    rows.set('trail/000000000041', encodeTrail(before.take(10)) ?? new Uint8Array());
    keeper.load();
    trail.sent(8, ANN, prune, 1);
    keeper.touch();
    settle();
    expect(trail.list({}).map(({ at }) => at)).toEqual([8, 7]);
    wait(30_000);
    expect([...rows.keys()].sort()).toEqual(['trail/000000000041', 'trail/000000000042']);
  });

  it('O2: of an erased grove nothing stays on disk', () => {
    const { trail, keeper, settle, wait, rows } = bench();
    keeper.load();
    settle();
    trail.sent(1, ANN, shuffle(OTHER), 1);
    trail.sent(2, ANN, shuffle(GROVE), 1);
    keeper.touch();
    wait(30_000);
    keeper.forget(OTHER);
    settle();
    expect(rows.size).toBe(0);
    wait(30_000);
    const kept = [...rows.values()].flatMap((row) => [...decodeTrail(row).values()].flat());
    expect(kept.map(({ grove }) => grove)).toEqual([GROVE]);
  });
});
