import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Act } from '../../../worker/core/graph/acts.ts';
import { claimStatus, createClaims } from '../../../worker/core/graph/claims.ts';
import type { Claims } from '../../../worker/core/graph/claims.ts';
import type { ClaimBody } from '../../../worker/core/model/acts.ts';
import { act, claimBody, options, retold } from './acts.ts';
import { cid, entryId, peer } from './build.ts';
import { naiveClaims, type Told } from './naive-claims.ts';

const DAY = 86_400_000;
const ONE = cid(1);

function build(told: readonly Told[]): Claims {
  const claims = createClaims(options);
  for (const [each, body] of told) claims.apply(each, body);
  return claims;
}
const holder = (told: readonly Told[]) => build(told).of(ONE)?.claim;
const statusAt = (told: readonly Told[], now: number) => {
  const claim = build(told).of(ONE);
  return claim === null ? null : claimStatus(claim, now);
};

describe('claims on a target', () => {
  it('G13: of claims that end nothing the lowest (lamport, id) stands, the others are lost to it', () => {
    const told: Told[] = [
      [act(7, 1), claimBody('claim')],
      [act(9, 3, 5, 4), claimBody('claim')],
      [act(8, 2, 5, 4), claimBody('claim')],
    ];
    const claims = build(told);
    expect(claims.of(ONE)).toMatchObject({ claim: entryId(8), author: peer(2), until: 105, ended: null });
    for (const lost of [7, 9])
      expect(claims.fate(ONE, entryId(lost))).toMatchObject({ standing: 'lost', by: entryId(8) });
    expect(claims.fate(ONE, entryId(8))).toMatchObject({ standing: 'current', by: null });
    expect(claims.of(cid(2))).toBeNull();
  });

  it('G13: a claim is active until its last at + lease by the reader’s clock, and expired from then on', () => {
    const told: Told[] = [[act(1, 1, 1_000), claimBody('claim')]];
    expect([1_099, 1_100].map((now) => statusAt(told, now))).toEqual(['active', 'expired']);
    told.push([act(2, 1, 1_100), claimBody('renew', 1, { lease: 500 })]);
    expect([1_599, 1_600].map((now) => statusAt(told, now))).toEqual(['active', 'expired']);
  });

  it('G13: a renewal after the end of what it renews doesn’t count', () => {
    const told: Told[] = [
      [act(1, 1, 1_000), claimBody('claim')],
      [act(2, 1, 1_101), claimBody('renew', 1)],
    ];
    expect(build(told).of(ONE)).toMatchObject({ until: 1_100, last: entryId(2) });
  });

  it('G13: released and completed are the end of a claim, whatever its author writes later', () => {
    for (const [end, status] of [
      ['release', 'released'],
      ['complete', 'completed'],
    ] as const) {
      const told: Told[] = [
        [act(1, 1, 0), claimBody('claim')],
        [act(2, 1, 10), claimBody(end, 1)],
        [act(3, 1, 20), claimBody('renew', 1)],
        [act(4, 1, 20), claimBody(end === 'release' ? 'complete' : 'release', 1)],
      ];
      expect(statusAt(told, 50)).toBe(status);
      expect(build(told).of(ONE)?.until).toBe(100);
    }
  });

  it('G13: only its author renews, releases and completes a claim', () => {
    const told = (['renew', 'release', 'complete'] as const).map((what, index): Told => [
      act(index + 2, 2, 50),
      claimBody(what, 1),
    ]);
    told.unshift([act(1, 1, 0), claimBody('claim')]);
    expect(build(told).of(ONE)).toMatchObject({ until: 100, ended: null, last: entryId(1) });
  });

  it('G13: a claim that names the claim, its renewal or its release ends it', () => {
    const first: Told[] = [
      [act(1, 1, 0), claimBody('claim')],
      [act(2, 1, 10), claimBody('renew', 1)],
      [act(3, 1, 20), claimBody('release', 1)],
    ];
    for (const last of [1, 2, 3]) {
      const claims = build([...first.slice(0, last), [act(9, 2, 500), claimBody('claim', last)]]);
      expect(claims.of(ONE)).toMatchObject({ claim: entryId(9), author: peer(2) });
      expect(claims.fate(ONE, entryId(1))).toMatchObject({ standing: 'ended', by: entryId(9) });
    }
  });

  it('G13: a renewal that a takeover had not seen beats it; one that came too late doesn’t', () => {
    const first: Told = [act(1, 1, 0), claimBody('claim')];
    const takeover: Told = [act(5, 2, 200), claimBody('claim', 1)];
    const inTime = build([first, takeover, [act(6, 1, 90), claimBody('renew', 1)]]);
    expect(inTime.of(ONE)?.claim).toBe(entryId(1));
    expect(inTime.fate(ONE, entryId(5))).toMatchObject({ standing: 'lost', by: entryId(1) });
    expect(holder([first, takeover, [act(6, 1, 101), claimBody('renew', 1)]])).toBe(entryId(5));
  });

  it('G13: a takeover stands against a renewal that it names, and a release beats none', () => {
    const first: Told[] = [
      [act(1, 1, 0), claimBody('claim')],
      [act(2, 1, 50), claimBody('renew', 1)],
    ];
    expect(holder([...first, [act(5, 2, 200), claimBody('claim', 2)]])).toBe(entryId(5));
    expect(
      holder([...first, [act(5, 2, 200), claimBody('claim', 2)], [act(6, 1, 100), claimBody('release', 1)]]),
    ).toBe(entryId(5));
  });

  it('G13: what was completed in time can’t be ended; what was completed too late can', () => {
    const told = (at: number): Told[] => [
      [act(1, 1, 0), claimBody('claim')],
      [act(2, 1, at), claimBody('complete', 1)],
      [act(5, 2, 200), claimBody('claim', 1)],
    ];
    expect(statusAt(told(100), 500)).toBe('completed');
    expect(build(told(100)).fate(ONE, entryId(5))).toMatchObject({ standing: 'lost', by: entryId(1) });
    expect(holder(told(101))).toBe(entryId(5));
    expect(statusAt(told(101).slice(0, 2), 500)).toBe('completed');
    // Nor does naming the completion end it.
    expect(holder([...told(101).slice(0, 2), [act(5, 2, 200), claimBody('claim', 2)]])).toBe(entryId(1));
  });

  it('G13: of several that end one claim the lowest stands, and what ended the others is lost with them', () => {
    const claims = build([
      [act(1, 1, 0), claimBody('claim')],
      [act(5, 2, 200), claimBody('claim', 1)],
      [act(4, 3, 200), claimBody('claim', 1)],
      [act(8, 4, 900), claimBody('claim', 5)],
    ]);
    expect(claims.of(ONE)?.claim).toBe(entryId(4));
    for (const lost of [5, 8])
      expect(claims.fate(ONE, entryId(lost))).toMatchObject({ standing: 'lost', by: entryId(4) });
  });

  it('G13: what names a later act, another target’s, or one that nobody knows counts for nothing', () => {
    const first: Told = [act(5, 1, 0), claimBody('claim')];
    const claims = build([
      first,
      [act(4, 2, 0), claimBody('claim', 5)],
      [act(3, 1, 50), claimBody('renew', 5)],
      [act(7, 2, 0), claimBody('claim', 5, { on: 2 })],
      [act(8, 3, 0), claimBody('claim', 99)],
    ]);
    expect(claims.of(ONE)).toMatchObject({ claim: entryId(5), until: 100 });
    expect(claims.of(cid(2))).toBeNull();
    expect(claims.fate(ONE, entryId(8))).toMatchObject({ standing: 'lost', by: null });
    expect(claims.fate(ONE, entryId(7))).toBeNull();
  });

  it('G13: a clock that is far ahead, or a pile of renewals, reserves nothing for longer than a day', () => {
    const ahead: Told[] = [[act(1, 1, 400 * DAY), claimBody('claim', null, { lease: DAY })]];
    expect(statusAt(ahead, 0)).toBe('expired');
    expect(statusAt(ahead, 400 * DAY)).toBe('active');
    const pile: Told[] = Array.from({ length: 30 }, (_, days): Told => {
      const body =
        days === 0 ? claimBody('claim', null, { lease: DAY }) : claimBody('renew', 1, { lease: DAY });
      return [act(days + 1, 1, days * DAY), body];
    });
    expect(statusAt(pile, 0)).toBe('expired');
    expect(holder([...pile, [act(50, 2, 0), claimBody('claim', 30)]])).toBe(entryId(50));
  });

  it('G13: lists claims newest first with what each came to, at most so many', () => {
    const claims = build([
      [act(1, 1, 0), claimBody('claim', null, { note: 'mine' })],
      [act(4, 3, 200), claimBody('claim', 1)],
      [act(5, 2, 200), claimBody('claim', 1)],
    ]);
    const { claims: all, total } = claims.history(ONE, 10);
    expect(all.map(({ claim, standing }) => [claim, standing])).toEqual([
      [entryId(5), 'lost'],
      [entryId(4), 'current'],
      [entryId(1), 'ended'],
    ]);
    expect(all[2]?.note).toBe('mine');
    expect(total).toBe(3);
    expect(claims.history(ONE, 2).claims).toHaveLength(2);
  });
});

/** Histories as honest and other devices write them: acts mostly name what came shortly before, times are near each other. */
const history: fc.Arbitrary<Told[]> = fc
  .array(
    fc.record({
      author: fc.integer({ min: 1, max: 3 }),
      what: fc.constantFrom<ClaimBody['act'][]>('claim', 'claim', 'claim', 'renew', 'release', 'complete'),
      /** How many acts before it the one is that it names; -1 is after it, and what is before all is not there. */
      back: fc.constantFrom(1, 1, 1, 1, 1, 2, 2, 3, 4, -1),
      isFirst: fc.constantFrom(true, false, false, false, false, false),
      byAuthor: fc.constantFrom(true, true, true, true, false),
      lamport: fc.constantFrom(0, 0, 0, 0, -2, -1, 1, 2),
      at: fc.integer({ min: 0, max: 40 }),
      lease: fc.constantFrom(10, 40, 150),
      on: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 1, 2),
    }),
    { maxLength: 14, size: 'max' },
  )
  .map(([first, ...rest]) =>
    first === undefined ? [] : [{ ...first, what: 'claim' as const, on: 1 }, ...rest],
  )
  .map((drawn) =>
    drawn.map(({ author, what, back, isFirst, byAuthor, lamport, at, lease, on }, index): Told => {
      const number = index + 1;
      const stamp = [number * 20 + at, Math.max(1, number + lamport)] as const;
      if (what === 'claim')
        return [
          act(number, author, ...stamp),
          claimBody('claim', isFirst || index === 0 ? null : Math.max(0, number - back), { lease, on }),
        ];
      // Mostly of a claim, and by whom it is.
      const claims = drawn.flatMap((each, i) => (each.what === 'claim' && i < index ? [i + 1] : []));
      const of = (back < 0 ? number + 1 : claims.at(-back)) ?? claims[0] ?? 0;
      const by = byAuthor ? (drawn[of - 1]?.author ?? author) : author;
      return [act(number, by, ...stamp), claimBody(what, of, { lease, on })];
    }),
  );
const told = history.chain((acts) => fc.tuple(fc.constant(acts), retold(acts)));
const runs = { seed: 20_261_121, numRuns: 400, interruptAfterTimeLimit: 20_000 };

describe('claims of any history', () => {
  it('G1, G13: the same acts in any order, some repeated, give the same answers and digest', () => {
    fc.assert(
      fc.property(told, fc.nat(20), ([acts, again], upTo) => {
        const one = build(acts);
        const other = createClaims(options);
        again.forEach(([each, body], index) => {
          other.apply(each, body);
          // What was asked before must not change what is answered later.
          if (index !== upTo) return;
          other.digest();
          for (const on of [1, 2]) other.history(cid(on), 5);
        });
        expect(other.digest()).toBe(one.digest());
        for (const on of [1, 2]) {
          expect(other.of(cid(on))).toEqual(one.of(cid(on)));
          expect(other.history(cid(on), 50)).toEqual(one.history(cid(on), 50));
        }
      }),
      runs,
    );
  }, 60_000);

  it('G13: they agree with the rule as it reads', () => {
    let [long, lost, lateEnds] = [0, 0, 0];
    fc.assert(
      fc.property(told, ([acts, again]) => {
        const claims = build(again);
        for (const on of [1, 2]) {
          const expected = naiveClaims(acts.filter(([, { target }]) => cid(on).endsWith(target)));
          const tip = expected.chain.at(-1);
          const current = claims.of(cid(on));
          expect(current === null ? undefined : pick(current)).toEqual(tip);
          const { claims: all } = claims.history(cid(on), 50);
          const inChain = all.filter(({ standing }) => standing !== 'lost').map(pick);
          // Oldest first, which on a chain is its order.
          expect(inChain.reverse()).toEqual(expected.chain);
          const gone = all.filter(({ standing }) => standing === 'lost').map(({ claim }) => claim);
          expect(gone.sort()).toEqual(expected.lost.sort());
          if (expected.chain.length > 2) long += 1;
          lost += expected.lost.length;
          if (tip?.ended != null && expected.chain.length > 1) lateEnds += 1;
        }
      }),
      runs,
    );
    // Or the histories would show nothing.
    expect(Math.min(long, lost, lateEnds)).toBeGreaterThan(10);
  }, 60_000);

  it('G1: another claim, renewal or end in force gives another digest', () => {
    const acts: Told[] = [
      [act(1, 1, 0), claimBody('claim')],
      [act(2, 1, 50), claimBody('renew', 1)],
      [act(5, 2, 300), claimBody('claim', 2)],
      [act(6, 2, 310), claimBody('complete', 5)],
    ];
    const digests = acts.map((_, index) => build(acts.slice(0, index + 1)).digest());
    expect(new Set([build([]).digest(), ...digests]).size).toBe(acts.length + 1);
  });
});

const pick = ({ claim, until, ended }: { claim: string; until: number; ended: string | null }) => ({
  claim,
  until,
  ended,
});

describe('piles of claims', () => {
  const PILE = 10_000;
  /** Ways to make one target expensive. */
  const piles: Record<string, (number: number) => [Act, ClaimBody]> = {
    'rivals that end nothing': (n) => [act(n, 1 + (n % 5)), claimBody('claim')],
    'a chain of takeovers': (n) => [act(n, 1 + (n % 5)), claimBody('claim', n === 1 ? null : n - 1)],
    'rivals for one claim': (n) => [act(n, 1 + (n % 5)), claimBody('claim', n === 1 ? null : 1)],
    'renewals of one claim': (n) => [act(n, 1), n === 1 ? claimBody('claim') : claimBody('renew', 1)],
    'claims that name nothing': (n) => [act(n, 1 + (n % 5)), claimBody('claim', n + PILE)],
  };
  for (const [name, make] of Object.entries(piles)) {
    it(`G13: ${PILE} acts on one target (${name}) leave reading it cheap, after each of them too`, () => {
      const claims = createClaims(options);
      for (let n = 1; n <= PILE; n += 1) claims.apply(...make(n));
      claims.of(ONE);
      claims.digest();
      const start = performance.now();
      for (let i = 0; i < 1_000; i += 1) claims.of(ONE);
      const cached = (performance.now() - start) / 1_000;
      // More of them, read in between: what is known isn't worked out anew.
      const again = performance.now();
      for (let n = PILE + 1; n <= PILE + 100; n += 1) {
        claims.apply(...make(n));
        claims.of(ONE);
        claims.digest();
      }
      const each = (performance.now() - again) / 100;
      const listing = performance.now();
      claims.history(ONE, 100);
      const listed = performance.now() - listing;
      // Loose enough for a busy machine; working all out each time would take ten times as long.
      expect(cached).toBeLessThan(0.1);
      expect(each).toBeLessThan(10);
      expect(listed).toBeLessThan(200);
    });
  }
});
