// What may be deleted and when: the collector against all who write beside it, in every order that a store allows.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCollector } from '../../../worker/core/cas/collect.ts';
import { blobKey, blockKey, heldKey, listKey } from '../../../worker/core/cas/keys.ts';
import { createLeases, type Leases } from '../../../worker/core/cas/leases.ts';
import { createListBuilder } from '../../../worker/core/cas/list.ts';
import { encodeBlobRecord } from '../../../worker/core/cas/record.ts';
import { createUsage } from '../../../worker/core/cas/usage.ts';
import { createUses } from '../../../worker/core/cas/uses.ts';
import { CONFIG } from '../../../worker/core/config.ts';
import { createContext } from '../../../worker/core/context.ts';
import { concat } from '../../../worker/core/model/bytes.ts';
import { toHash, type GroveId, type Hash } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { WriteOp } from '../../../worker/core/ports.ts';
import { aGroveId } from '../model/fixtures.ts';
import { answer, Tables } from '../sync/bench.ts';

const GROVE = aGroveId('grove');
const OTHER = aGroveId('other');
const hashOf = (bytes: Uint8Array): Hash => toHash(hash32(bytes));
const BLOCKS = Array.from({ length: 6 }, (_, i) => new Uint8Array(100 + i).fill(i));

interface Whole {
  hash: Hash;
  root: Hash;
  size: number;
  blocks: Map<Hash, Uint8Array>;
  lists: Map<Hash, Uint8Array>;
}

function wholeOf(...picks: number[]): Whole {
  const parts = picks.map((pick) => BLOCKS[pick % BLOCKS.length] ?? new Uint8Array(1));
  const builder = createListBuilder(hash32);
  for (const part of parts) builder.add(hashOf(part), part.length);
  const { root, size, lists } = builder.finish();
  return {
    hash: hashOf(concat(...parts)),
    root,
    size,
    blocks: new Map(parts.map((part) => [hashOf(part), part])),
    lists: new Map(lists.map(({ hash, bytes }) => [hash, bytes])),
  };
}

const recordOf = ({ hash, root, size }: Whole): WriteOp => ({
  op: 'put',
  table: 'blobs',
  key: blobKey(hash),
  value: encodeBlobRecord({ size, root, complete: true }),
});
const listsOf = ({ lists }: Whole): WriteOp[] =>
  [...lists].map(([hash, value]) => ({ op: 'put', table: 'blobs', key: listKey(hash), value }));
const blocksOf = ({ blocks }: Whole, only: (hash: Hash) => boolean = () => true): WriteOp[] =>
  [...blocks]
    .filter(([hash]) => only(hash))
    .flatMap(([hash, value]): WriteOp[] => [
      { op: 'put', table: 'blocks', key: blockKey(hash), value },
      { op: 'put', table: 'blobs', key: heldKey(hash), value: new Uint8Array() },
    ]);

/** A store that does what it is asked at once and in order, and answers when the test says. */
function createBench(leases: Leases = createLeases()) {
  const tables = new Tables();
  const context = createContext(createSeededRandom(9));
  let now = 1_000_000_000_000;
  context.setNow(now);
  const named = new Map<Hash, GroveId[]>();
  const roots = new Map<Hash, Hash>();
  const busy = new Set<(hash: Hash) => boolean>();
  const dropped: Hash[] = [];
  const answers: (() => void)[] = [];
  const uses = createUses(context);
  const usage = createUsage({ context, leases, namedBy: (hash) => named.get(hash) ?? [] });
  const collector = createCollector({
    ...{ context, usage, uses, leases },
    hooks: {
      isBusy: (hash) => [...busy].some((is) => is(hash)),
      isLoose: (hash) => (named.get(hash) ?? []).length === 0,
      rootsOf: (hash) => [roots.get(hash)].filter((root) => root !== undefined),
      dropped: (hash) => void dropped.push(hash),
      kept: () => undefined,
    },
  });

  const bench = {
    ...{ tables, context, named, roots, busy, dropped, answers, uses, usage, collector, leases },
    failing: false,
    /** The driver carries out what the core asked for, in order; each answer waits for its turn. */
    drain(): void {
      for (const effect of context.takeEffects()) {
        if (!('token' in effect)) continue;
        // To do it and to say so are two: what it says is what was true when it was done.
        const held = createContext(createSeededRandom(1));
        const resumed: Parameters<typeof held.resume>[0][] = [];
        const { token } = effect;
        if (bench.failing)
          resumed.push({ type: 'store-failed', token, failure: 'closed', message: 'forced' });
        else answer(effect, { ...held, resume: (input) => void resumed.push(input) }, tables);
        answers.push(() => resumed.forEach((input) => context.resume(input)));
      }
    },
    /** Someone outside the core, who uses the same store. */
    ask<T>(run: () => T, then: (value: T) => void): void {
      const value = run();
      answers.push(() => then(value));
    },
    /** Lets the answer at this place come. False where none waits. */
    step(pick: number): boolean {
      bench.drain();
      const [next] = answers.length === 0 ? [] : answers.splice(pick % answers.length, 1);
      next?.();
      bench.drain();
      return next !== undefined;
    },
    run(): void {
      while (bench.step(0));
    },
    pass(ms: number): void {
      now += ms;
      context.setNow(now);
      context.runTimers();
      bench.run();
    },
    store(whole: Whole, ...groves: GroveId[]): void {
      tables.write([...blocksOf(whole), ...listsOf(whole), recordOf(whole)]);
      if (groves.length > 0) named.set(whole.hash, groves);
    },
    has: (whole: Whole): boolean => tables.get('blobs', blobKey(whole.hash)) !== null,
    /** Rows that make up a whole and aren't there although its record is. */
    lost: (all: Iterable<Whole>): string[] =>
      [...all].flatMap((whole) =>
        tables.get('blobs', blobKey(whole.hash)) === null
          ? []
          : [...blocksOf(whole), ...listsOf(whole)].flatMap((op) =>
              op.op === 'put' && tables.get(op.table, op.key) === null ? [`${op.table}/${op.key}`] : [],
            ),
      ),
    rows: (prefix: string): number => [...tables.rows.keys()].filter((at) => at.startsWith(prefix)).length,
  };
  return bench;
}

type Bench = ReturnType<typeof createBench>;

// ---- those who write beside the collector -----------------------------------------------------------------

/** Contributing: from before the first byte until the entry is written, which names it (SPEC C16). */
function contribute(bench: Bench, whole: Whole, fails: boolean, sharing: boolean): void {
  const { tables } = bench;
  const take = (release: () => void): void =>
    bench.ask(
      () => new Set([...whole.blocks.keys()].filter((hash) => tables.get('blobs', heldKey(hash)) !== null)),
      (held) =>
        bench.ask(
          () => tables.write(blocksOf(whole, (hash) => !held.has(hash))),
          () => {
            if (fails) return release();
            bench.ask(
              () => tables.write([...listsOf(whole), recordOf(whole)]),
              () => {
                bench.named.set(whole.hash, [GROVE]);
                bench.usage.note(whole.hash, () => release());
              },
            );
          },
        ),
    );
  if (sharing) bench.leases.share(take);
  else take(() => undefined);
}

/** A transfer: in doubt busy with everything while it plans, then with what its plan names, until its record is counted. */
function transfer(bench: Bench, whole: Whole, fails: boolean): void {
  const { tables, busy } = bench;
  const isOf = (hash: Hash): boolean =>
    hash === whole.hash || whole.blocks.has(hash) || whole.lists.has(hash);
  const planning = (): boolean => true;
  busy.add(planning);
  bench.roots.set(whole.hash, whole.root);
  bench.ask(
    () => {
      tables.write(listsOf(whole));
      return new Set([...whole.blocks.keys()].filter((hash) => tables.get('blobs', heldKey(hash)) !== null));
    },
    (held) => {
      busy.delete(planning);
      busy.add(isOf);
      bench.ask(
        () => tables.write(blocksOf(whole, (hash) => !held.has(hash))),
        () => {
          if (fails) return void busy.delete(isOf);
          bench.ask(
            () => tables.write([recordOf(whole)]),
            () => {
              // Told complete, it is a transfer no more; that it is counted is asked for in the same step.
              busy.delete(isOf);
              bench.named.set(whole.hash, [GROVE]);
              bench.usage.note(whole.hash, () => undefined);
            },
          );
        },
      );
    },
  );
}

const wholes = [wholeOf(0, 1), wholeOf(1, 2), wholeOf(2), wholeOf(3, 4, 0), wholeOf(5, 3), wholeOf(4, 4)];

type Action = { what: 'contribute' | 'transfer' | 'remove' | 'collect'; which: number; fails: boolean };
const actions = fc.array(
  fc.record({
    what: fc.constantFrom<Action['what']>('contribute', 'transfer', 'remove', 'collect'),
    which: fc.nat(wholes.length - 1),
    fails: fc.boolean(),
    steps: fc.array(fc.nat(7), { maxLength: 8 }),
  }),
  { minLength: 2, maxLength: 14 },
);

function act(bench: Bench, { what, which, fails }: Action, sharing: boolean): void {
  const whole = wholes[which] ?? wholeOf(0);
  if (what === 'contribute') contribute(bench, whole, fails, sharing);
  else if (what === 'transfer') transfer(bench, whole, fails);
  else if (what === 'collect') bench.collector.collect(() => undefined);
  else {
    const note = (): WriteOp[] => [];
    bench.collector.remove({ hash: whole.hash, mayGo: () => true, note }, () => undefined);
  }
}

/** Whether a whole ever stood without one of its rows. */
function explore(plan: readonly (Action & { steps: readonly number[] })[], sharing: boolean): string[] {
  const bench = createBench();
  bench.usage.scan(() => undefined);
  bench.run();
  for (const { steps, ...action } of plan) {
    act(bench, action, sharing);
    for (const pick of steps) {
      bench.step(pick);
      const lost = bench.lost(wholes);
      if (lost.length > 0) return lost;
    }
  }
  bench.run();
  return bench.lost(wholes);
}

describe('the collector', () => {
  it('C16: whatever is contributed, fetched and deleted meanwhile, no record ever stands without its rows', () => {
    fc.assert(
      fc.property(actions, (plan) => {
        expect(explore(plan, true)).toEqual([]);
      }),
      { numRuns: 2_000, seed: 16 },
    );
  });

  it('C16: without holding each other off, contributing and deleting lose blocks', () => {
    const found = fc.check(
      fc.property(actions, (plan) => explore(plan, false).length === 0),
      { numRuns: 2_000, seed: 16 },
    );
    expect(found.failed).toBe(true);
  });

  it('C17: once all is quiet nothing is left that no record leads to, and no part younger than a day is gone', () => {
    fc.assert(
      fc.property(actions, (plan) => {
        const bench = createBench();
        bench.usage.scan(() => undefined);
        for (const { steps, ...action } of plan) {
          act(bench, action, true);
          for (const pick of steps) bench.step(pick);
        }
        bench.run();
        bench.collector.collect(() => undefined);
        bench.run();
        const kept = wholes.filter((whole) => bench.has(whole));
        const blocks = new Set(kept.flatMap((whole) => [...whole.blocks.keys()]));
        const lists = new Set(kept.flatMap((whole) => [...whole.lists.keys()]));
        expect(bench.rows('blocks:')).toBe(blocks.size);
        expect(bench.rows('blobs:held/')).toBe(blocks.size);
        expect(bench.rows('blobs:list/')).toBe(lists.size);
        const sizes = [...blocks].map((hash) => bench.tables.get('blocks', blockKey(hash))?.length ?? 0);
        expect(bench.usage.all.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
      }),
      { numRuns: 500, seed: 17 },
    );
  });

  it('C17: what is here of a blob that isn’t whole stays for a day after it was last fetched, then it goes', () => {
    const bench = createBench();
    const part = wholeOf(0, 1);
    bench.named.set(part.hash, [GROVE]);
    bench.roots.set(part.hash, part.root);
    bench.tables.write([...listsOf(part), ...blocksOf(part).slice(0, 2)]);
    bench.uses.touch(part.hash);
    bench.usage.scan(() => undefined);
    bench.collector.collect(() => undefined);
    bench.run();
    expect(bench.rows('blocks:')).toBe(1);
    bench.pass(CONFIG.storage.partsFor + 1);
    bench.collector.collect(() => undefined);
    bench.run();
    expect([bench.rows('blocks:'), bench.rows('blobs:')]).toEqual([0, 0]);
  });

  it('C11, C17: what is here of a paused one stays however long it waits', () => {
    const bench = createBench();
    const part = wholeOf(0, 1);
    bench.named.set(part.hash, [GROVE]);
    bench.roots.set(part.hash, part.root);
    bench.tables.write([...listsOf(part), ...blocksOf(part).slice(0, 2)]);
    bench.uses.touch(part.hash);
    bench.usage.scan(() => undefined);
    // Its plan isn't read before it goes on: only the blob itself is known to be on its way.
    bench.busy.add((hash) => hash === part.hash);
    bench.run();
    bench.pass(2 * CONFIG.storage.partsFor);
    bench.collector.collect(() => undefined);
    bench.run();
    expect(bench.rows('blocks:')).toBe(1);
  });

  it('C17: a record that no grove names goes an hour after it was last used, and stays where its grove was left', () => {
    const bench = createBench();
    const loose = wholeOf(0, 1);
    const left = wholeOf(2);
    bench.store(loose);
    bench.store(left);
    bench.tables.write([bench.uses.mark(left.hash, { left: true })]);
    bench.collector.collect(() => undefined);
    bench.run();
    bench.pass(CONFIG.storage.looseFor + 1);
    bench.collector.collect(() => undefined);
    bench.run();
    expect([bench.has(loose), bench.has(left)]).toEqual([false, true]);
    expect(bench.rows('blocks:')).toBe(1);
  });

  it('C17: what another artifact shares stays when one goes, and what went is told in bytes', () => {
    const bench = createBench();
    const one = wholeOf(0, 1);
    const two = wholeOf(1, 2);
    bench.store(one, GROVE);
    bench.store(two, GROVE, OTHER);
    bench.usage.scan(() => undefined);
    bench.run();
    let freed: number | null = -1;
    const note = (): WriteOp[] => [];
    bench.collector.remove({ hash: one.hash, mayGo: () => true, note }, (bytes) => (freed = bytes));
    bench.run();
    expect(freed).toBe(100);
    expect(bench.has(two)).toBe(true);
    expect(bench.lost([two])).toEqual([]);
    expect(bench.rows('blocks:')).toBe(2);
  });

  it('C16: what may no longer go by the time it is decided stays', () => {
    const bench = createBench();
    const one = wholeOf(0, 1);
    bench.store(one, GROVE);
    bench.usage.scan(() => undefined);
    bench.run();
    let freed: number | null = -1;
    let pinned = false;
    const note = (): WriteOp[] => [];
    bench.collector.remove({ hash: one.hash, mayGo: () => !pinned, note }, (bytes) => (freed = bytes));
    pinned = true;
    bench.run();
    expect([freed, bench.has(one)]).toEqual([null, true]);
  });

  it('C16: where the store can’t be read nothing is taken for unnamed', () => {
    const bench = createBench();
    bench.store(wholeOf(0, 1), GROVE);
    bench.failing = true;
    bench.collector.collect(() => undefined);
    bench.run();
    bench.failing = false;
    expect(bench.usage.isDoubtful()).toBe(true);
    expect(bench.rows('blocks:')).toBe(2);
    bench.collector.collect(() => undefined);
    bench.run();
    expect([bench.usage.isDoubtful(), bench.rows('blocks:')]).toEqual([false, 2]);
  });
});

describe('usage', () => {
  it('C13: a block is counted once in all, and once in each grove that names it', () => {
    const bench = createBench();
    bench.store(wholeOf(0, 1, 0), GROVE);
    bench.store(wholeOf(1, 2), GROVE, OTHER);
    bench.usage.scan(() => undefined);
    bench.run();
    expect(bench.usage.all.bytes).toBe(100 + 101 + 102);
    expect(bench.usage.bytesOf(GROVE)).toBe(100 + 101 + 102);
    expect(bench.usage.bytesOf(OTHER)).toBe(101 + 102);
    bench.usage.forgetGrove(OTHER);
    expect(bench.usage.bytesOf(OTHER)).toBe(0);
    expect(bench.usage.all.bytes).toBe(303);
  });

  it('C13: as it is kept up to date is what reading everything anew says, and no block is read for it', () => {
    const bench = createBench();
    bench.usage.scan(() => undefined);
    bench.run();
    for (const whole of wholes.slice(0, 4)) {
      bench.store(whole, GROVE);
      bench.usage.note(whole.hash, () => undefined);
      bench.run();
    }
    const again = createUsage({ context: bench.context, leases: createLeases(), namedBy: () => [GROVE] });
    again.scan(() => undefined);
    for (const effect of bench.context.takeEffects()) {
      expect(effect).not.toMatchObject({ table: 'blocks' });
      answer(effect, bench.context, bench.tables, null);
    }
    for (let left = bench.context.takeEffects(); left.length > 0; left = bench.context.takeEffects()) {
      for (const effect of left) {
        expect(effect).not.toMatchObject({ table: 'blocks' });
        answer(effect, bench.context, bench.tables, null);
      }
    }
    expect([again.all.bytes, again.bytesOf(GROVE)]).toEqual([
      bench.usage.all.bytes,
      bench.usage.bytesOf(GROVE),
    ]);
    expect(again.all.bytes).toBe(100 + 101 + 102 + 103 + 104);
  });

  it('C13: last use is noted to ten minutes, a minute apart, and is there again after a restart', () => {
    const bench = createBench();
    const { hash } = wholeOf(0);
    const writes = (): number => bench.tables.rows.size;
    bench.uses.touch(hash);
    bench.run();
    expect(writes()).toBe(0);
    bench.pass(CONFIG.storage.noteEvery);
    expect(writes()).toBe(1);
    const first = bench.uses.get(hash)?.at;
    const noted = [...bench.tables.rows.values()][0];
    bench.pass(CONFIG.storage.noteStep / 2);
    bench.uses.touch(hash);
    bench.pass(CONFIG.storage.noteEvery);
    expect([...bench.tables.rows.values()][0]).toBe(noted);
    expect(bench.uses.get(hash)?.at).toBeGreaterThan(first ?? Infinity);
    const again = createUses(bench.context);
    again.load(() => undefined);
    bench.run();
    expect(again.get(hash)).toEqual({ at: first, left: false, away: false });
  });
});
