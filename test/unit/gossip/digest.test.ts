// Digests over whole machines: what is signed, taken, passed on and forgotten.
import { describe, expect, it } from 'vitest';
import { CONFIG } from '../../../worker/core/config.ts';
import { keypairFromSeed } from '../../../worker/core/model/keys.ts';
import { aCid, candidate, createBench, metric, MINUTE, signed, START } from './digest-bench.ts';

const { digest } = CONFIG;

/** a - b - c - d in a row. */
function row() {
  const bench = createBench();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => bench.peer(name)) as [
    ReturnType<typeof bench.peer>,
    ReturnType<typeof bench.peer>,
    ReturnType<typeof bench.peer>,
    ReturnType<typeof bench.peer>,
  ];
  bench.connect(a, b);
  bench.connect(b, c);
  bench.connect(c, d);
  bench.pass(3_000);
  return { bench, a, b, c, d };
}

describe('digest rows', () => {
  it('H1, H3: go from holder to all, over links between peers that hold nothing', () => {
    const { bench, a, d } = row();
    a.machine.setOwn([candidate('best')]);
    bench.pass(7_000);
    expect(d.machine.holdersOf(aCid('best'))).toEqual([a.id]);
    expect(d.machine.rows()).toMatchObject([{ cid: aCid('best'), summary: 'best', places: [metric(1)] }]);
    expect(d.facts).toContainEqual({ type: 'changed', cids: [aCid('best')] });
    expect(d.facts.find(({ type }) => type === 'heard')).toMatchObject({ peer: a.id });
  });

  it('H3: a burst goes out as one frame after 500 ms of quiet, at the latest after 2 s', () => {
    const { bench, a } = row();
    const before = a.sent.length;
    for (let n = 1; n <= 4; n += 1) {
      a.machine.setOwn(Array.from({ length: n }, (_, i) => candidate(`w${i}`)));
      bench.pass(300);
    }
    expect(a.sent.length).toBe(before);
    bench.pass(500);
    expect(a.sent.slice(before)).toMatchObject([{ rows: 4, lane: 'control' }]);
    for (let n = 5; n <= 20; n += 1) {
      a.machine.setOwn(Array.from({ length: n }, (_, i) => candidate(`w${i}`)));
      bench.pass(300);
    }
    const after = a.sent.slice(before + 1);
    expect(after.length).toBeGreaterThanOrEqual(2);
    expect(after.length).toBeLessThanOrEqual(3);
  });

  it('H3: news go along eager links only; a link that turns eager later brings what it missed', () => {
    const { bench, a, b, c } = row();
    const lazy = [...b.links].filter(([, { peer }]) => peer === c).map(([link]) => link);
    b.eager = [...b.links.keys()].filter((link) => !lazy.includes(link));
    a.machine.setOwn([candidate('one')]);
    bench.pass(5_000);
    expect(b.machine.holdersOf(aCid('one'))).toEqual([a.id]);
    expect(c.machine.rows()).toEqual([]);
    b.eager = null;
    a.machine.setOwn([candidate('one'), candidate('two')]);
    bench.pass(5_000);
    expect(c.machine.rows().map(({ cid }) => cid)).toEqual([aCid('one'), aCid('two')]);
  });

  it('H3: a row is never sent back to whom it came from, nor twice to who has it', () => {
    const { bench, a, b, c } = row();
    bench.connect(a, c);
    bench.pass(5_000);
    for (const peer of bench.peers) peer.sent.length = 0;
    a.machine.setOwn([candidate('best')]);
    bench.pass(20_000);
    expect(a.sent.length).toBe(2);
    expect(b.sent.length + c.sent.length).toBeLessThanOrEqual(3);
    expect(bench.count(b, 'digest.taken')).toBe(1);
  });

  it('H3: a newcomer gets all rows once, in one frame, and what changed meanwhile with them', () => {
    const { bench, a, b } = row();
    a.machine.setOwn(Array.from({ length: 5 }, (_, i) => candidate(`w${i}`, { places: [metric(i)] })));
    bench.pass(5_000);
    b.sent.length = 0;
    const late = bench.peer('late');
    bench.connect(late, b);
    a.machine.setOwn(Array.from({ length: 6 }, (_, i) => candidate(`w${i}`, { places: [metric(i)] })));
    bench.pass(5_000);
    expect(late.machine.rows()).toHaveLength(6);
    const toLate = b.sent.filter(({ link }) => b.links.get(link)?.peer === late);
    expect(toLate.reduce((sum, { rows }) => sum + rows, 0)).toBe(6);
    expect(toLate.length).toBeLessThanOrEqual(2);
  });

  it('H3: however a neighbour flaps, it is sent all once in 60 s, and news all the same', () => {
    const { bench, a, b } = row();
    a.machine.setOwn([candidate('w0'), candidate('w1')]);
    bench.pass(5_000);
    const late = bench.peer('late');
    bench.connect(late, b);
    bench.pass(4_000);
    b.sent.length = 0;
    for (let flap = 0; flap < 10; flap += 1) {
      bench.cut(late, b);
      bench.connect(late, b);
      bench.pass(3_000);
    }
    const toLate = () =>
      b.sent.filter(({ link }) => b.links.get(link)?.peer === late || link.startsWith('b-late'));
    expect(toLate()).toEqual([]);
    a.machine.setOwn([candidate('w0'), candidate('w1'), candidate('w2')]);
    bench.pass(5_000);
    expect(late.machine.rows()).toHaveLength(3);
    expect(toLate().reduce((sum, { rows }) => sum + rows, 0)).toBe(1);
  });

  it('H3: a neighbour that forgot all within the 60 s is sent all at their end', () => {
    const { bench, a, b } = row();
    a.machine.setOwn([candidate('w0')]);
    const late = bench.peer('late');
    bench.connect(late, b);
    bench.pass(5_000);
    bench.cut(late, b);
    const again = bench.peer('again');
    const id = late.id;
    const [, atB] = [again, `b-again` as never];
    again.links.set('again-b' as never, { peer: b, link: atB });
    b.links.set(atB, { peer: again, link: 'again-b' as never });
    b.machine.activated(atB, id);
    bench.pass(10_000);
    expect(again.machine.rows()).toEqual([]);
    bench.pass(55_000);
    expect(again.machine.rows()).toHaveLength(1);
  });
});

describe('signing', () => {
  it('H2: others sign for what they hold only until three are known to', () => {
    const bench = createBench();
    const peers = Array.from({ length: 20 }, (_, i) => bench.peer(`p${i}`));
    for (const [i, peer] of peers.entries()) {
      const next = peers[(i + 1) % 20];
      const far = peers[(i + 7) % 20];
      if (next && far) {
        bench.connect(peer, next);
        bench.connect(peer, far);
      }
    }
    bench.pass(5_000);
    for (const [i, peer] of peers.entries()) peer.machine.setOwn([candidate('best', { own: i === 0 })]);
    bench.pass(3 * MINUTE);
    const holders = new Set(peers.flatMap(({ machine }) => machine.holdersOf(aCid('best'))));
    expect(holders.size).toBeGreaterThanOrEqual(3);
    expect(holders.size).toBeLessThanOrEqual(10);
    expect(holders.has(peers[0]?.id as never)).toBe(true);
  });

  it('H2: where the publisher is gone, others say that they hold it', () => {
    const { bench, a, b, c, d } = row();
    for (const each of [b, c]) each.machine.setOwn([candidate('left', { own: false })]);
    bench.pass(MINUTE);
    expect(new Set(d.machine.holdersOf(aCid('left')))).toEqual(new Set([b.id, c.id]));
    expect(a.machine.holdersOf(aCid('left'))).toHaveLength(2);
  });

  it('H3: a row is renewed in its last 2 minutes, and ends where its holder is gone', () => {
    const { bench, a, b, d } = row();
    a.machine.setOwn([candidate('best')]);
    bench.pass(30 * MINUTE);
    expect(d.machine.holdersOf(aCid('best'))).toEqual([a.id]);
    expect(bench.count(a, 'digest.signed')).toBe(4);
    bench.cut(a, b);
    bench.pass(11 * MINUTE);
    expect(d.machine.holdersOf(aCid('best'))).toEqual([]);
    expect(d.machine.rows()).toEqual([]);
  });

  it('H2: a changed value is signed anew at most every 30 s', () => {
    const { bench, a, d } = row();
    for (let n = 1; n <= 60; n += 1) {
      a.machine.setOwn([
        candidate('best', { places: [{ ranking: 'adoption', value: n, direction: 'maximize' }] }),
      ]);
      bench.pass(1_000);
    }
    bench.pass(40_000);
    expect(bench.count(a, 'digest.signed')).toBeLessThanOrEqual(4);
    expect(d.machine.rows()[0]?.places[0]?.value).toBe(60);
  });

  it('H2: what only left a ranking is not signed anew', () => {
    const { bench, a } = row();
    const recency = { ranking: 'recency', value: START, direction: 'maximize' as const };
    a.machine.setOwn([candidate('best', { places: [metric(1), recency] })]);
    bench.pass(MINUTE);
    a.machine.setOwn([candidate('best', { places: [metric(1)] })]);
    bench.pass(5 * MINUTE);
    expect(bench.count(a, 'digest.signed')).toBe(1);
  });

  it('H1: clocks that are years apart change nothing', () => {
    const bench = createBench();
    const a = bench.peer('a', { clock: -315_576_000_000 });
    const b = bench.peer('b', { clock: 315_576_000_000 });
    bench.connect(a, b);
    a.machine.setOwn([candidate('a')]);
    b.machine.setOwn([candidate('b')]);
    bench.pass(20 * MINUTE);
    expect(a.machine.holdersOf(aCid('b'))).toEqual([b.id]);
    expect(b.machine.holdersOf(aCid('a'))).toEqual([a.id]);
  });

  it('H1: a device whose clock was set back signs above what it signed before', () => {
    const { bench, a, b } = row();
    a.receive('a-b', [signed(a.keypair, { name: 'best', seq: START + 1e9 })]);
    a.machine.setOwn([candidate('best', { places: [metric(2)] })]);
    b.receive('b-a', [signed(a.keypair, { name: 'best', seq: START + 1e9 })]);
    bench.pass(5_000);
    expect(b.machine.rows()[0]?.places[0]?.value).toBe(2);
  });
});

describe('merging', () => {
  it('H1: of equal holder and CID the higher seq stands, whatever the order', () => {
    const bench = createBench();
    const a = bench.peer('a');
    const holder = keypairFromSeed(new Uint8Array(32).fill(200));
    bench.members.add(holder.id);
    const old = signed(holder, { name: 'w', seq: 1, places: [metric(5)] });
    const newer = signed(holder, { name: 'w', seq: 2, places: [metric(4)] });
    a.receive('x', [newer]);
    a.receive('x', [old]);
    expect(a.machine.rows()).toMatchObject([{ seq: 2 }]);
    expect(bench.count(a, 'digest.unwanted')).toBe(1);
  });

  it('H2: best first by direction, whatever direction a row claims; at most 100 rows', () => {
    const bench = createBench({ contract: ['loss'] });
    const a = bench.peer('a');
    const holder = keypairFromSeed(new Uint8Array(32).fill(200));
    bench.members.add(holder.id);
    const rows = Array.from({ length: 100 }, (_, i) =>
      signed(holder, { name: `w${i}`, seq: i + 1, places: [metric(100 - i, 'loss', 'maximize')] }),
    );
    a.receive('x', rows);
    const best = a.machine.best('metric/loss').map(({ value }) => value);
    expect(best).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(a.machine.rows()).toHaveLength(digest.keep);
  });

  it('H2: at most 100 rows and 16 holders of a CID; strange metrics never push out the contract’s', () => {
    const bench = createBench({ contract: ['loss'] });
    const a = bench.peer('a');
    const holders = Array.from({ length: 30 }, (_, i) => keypairFromSeed(new Uint8Array(32).fill(150 + i)));
    for (const { id } of holders) bench.members.add(id);
    a.receive(
      'x',
      holders.map((holder) => signed(holder, { name: 'shared' })),
    );
    expect(a.machine.holdersOf(aCid('shared'))).toHaveLength(16);
    for (const [i, holder] of holders.entries()) {
      a.receive(
        `y${i}`,
        Array.from({ length: 20 }, (_, n) =>
          signed(holder, { name: `${i}/${n}`, seq: START + n, places: [metric(n, `odd ${i % 40}/${n}`)] }),
        ),
      );
    }
    expect(a.machine.rows().length).toBeLessThanOrEqual(100);
    expect(a.machine.holdersOf(aCid('shared'))).toHaveLength(16);
  });

  it('H2: what claims to be of the reader’s future is the last of the recent', () => {
    const bench = createBench();
    const a = bench.peer('a');
    const holder = keypairFromSeed(new Uint8Array(32).fill(200));
    bench.members.add(holder.id);
    const at = (name: string, value: number, seq: number) =>
      signed(holder, { name, seq, places: [{ ranking: 'recency', value, direction: 'maximize' }] });
    a.receive('x', [at('future', START * 2, 1), at('old', START - 10, 2), at('new', START - 1, 3)]);
    expect(a.machine.best('recency').map(({ cid }) => cid)).toEqual([
      aCid('new'),
      aCid('old'),
      aCid('future'),
    ]);
  });
});

describe('what is dropped', () => {
  const setup = () => {
    const bench = createBench();
    const [a, b] = [bench.peer('a'), bench.peer('b')];
    bench.connect(a, b);
    bench.pass(5_000);
    const holder = keypairFromSeed(new Uint8Array(32).fill(200));
    bench.members.add(holder.id);
    return { bench, a, b, holder };
  };

  it('H1: what is not signed, not by a member, expired, too long-lived or no row at all; nothing of it is passed on', () => {
    const { bench, a, b, holder } = setup();
    const stranger = keypairFromSeed(new Uint8Array(32).fill(201));
    const good = signed(holder, { name: 'w' });
    a.receive('x', [
      { ...good, signature: good.signature.map((byte) => byte ^ 1) },
      signed(stranger, { name: 'w' }),
      signed(holder, { name: 'w', age: 10 * MINUTE }),
      signed(holder, { name: 'w', life: 11 * MINUTE }),
      signed(holder, { name: 'w', places: [] }),
      { ...good, row: Uint8Array.of(1, 2, 3) },
      { ...good, row: new Uint8Array(0) },
    ]);
    bench.pass(5_000);
    expect(a.machine.rows()).toEqual([]);
    expect(b.machine.rows()).toEqual([]);
    expect(bench.count(a, 'digest.badSignature')).toBe(1);
    expect(bench.count(a, 'digest.notMember')).toBe(1);
    expect(bench.count(a, 'digest.expired')).toBe(1);
    expect(bench.count(a, 'digest.malformed')).toBe(4);
    a.receive('x', [good]);
    expect(a.machine.holdersOf(aCid('w'))).toEqual([holder.id]);
  });

  it('H1: a row passed on as if it were new does not live for ever', () => {
    const { bench, a, holder } = setup();
    const row = signed(holder, { name: 'w' });
    let lived = 0;
    for (let minute = 0; minute < 60; minute += 1) {
      a.receive('x', [row]);
      if (a.machine.holdersOf(aCid('w')).length > 0) lived = minute;
      bench.pass(MINUTE);
    }
    expect(lived).toBeLessThanOrEqual(20);
    expect(bench.count(a, 'digest.replayed')).toBeGreaterThan(0);
    a.receive('x', [signed(holder, { name: 'w', seq: START + 60 * MINUTE })]);
    expect(a.machine.holdersOf(aCid('w'))).toEqual([holder.id]);
  });

  it('H1: a holder that signs without end is heeded within measure', () => {
    const { bench, a, holder } = setup();
    for (let n = 0; n < 1_000; n += 1) a.receive('x', [signed(holder, { name: 'w', seq: START + n })]);
    expect(bench.count(a, 'digest.taken')).toBe(digest.perHolder);
    expect(bench.count(a, 'digest.flood')).toBe(1_000 - digest.perHolder);
  });

  it('H1: rows of who is no member any more count no more', () => {
    const { bench, a, holder } = setup();
    a.receive('x', [signed(holder, { name: 'w' })]);
    bench.members.delete(holder.id);
    expect(a.machine.holdersOf(aCid('w'))).toEqual([]);
    expect(a.machine.rows()).toEqual([]);
  });

  it('H1: only rows that would change something are verified', () => {
    const { bench, a, holder } = setup();
    const row = signed(holder, { name: 'w' });
    a.receive('x', [row, row]);
    a.receive('y', [row]);
    a.receive('y', [{ ...row, signature: row.signature.map((byte) => byte ^ 1) }]);
    expect(bench.count(a, 'digest.taken')).toBe(1);
    expect(bench.count(a, 'digest.badSignature')).toBe(0);
  });
});
