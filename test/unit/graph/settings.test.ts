// Which setting says the value of a key (SPEC G16), and what members say of themselves (G11).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Act, Role } from '../../../worker/core/graph/acts.ts';
import { GRAPH } from '../../../worker/core/graph/config.ts';
import { createProfiles } from '../../../worker/core/graph/profiles.ts';
import { createSettings } from '../../../worker/core/graph/settings.ts';
import type { Settings } from '../../../worker/core/graph/settings.ts';
import type { SettingBody } from '../../../worker/core/model/acts.ts';
import type { Json } from '../../../worker/core/model/json.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { entryId, peer } from './build.ts';

/** Peer 1 owns the grove, 2 moderates, 9 is nobody. */
const roleOf = (who: string): Role | null =>
  who === peer(9) ? null : who === peer(1) ? 'owner' : who === peer(2) ? 'moderator' : 'member';
const options = { hash: hash32, personOf: <T>(who: T): T => who, roleOf };

interface Written {
  id: number;
  author: number;
  lamport: number;
  key: string;
  value: Json | undefined;
  replaces: number[];
}
const actOf = ({ id, author, lamport }: Written): Act => ({
  entry: entryId(id),
  author: peer(author),
  lamport,
  at: id,
});
const bodyOf = ({ key, value, replaces }: Written): SettingBody => ({
  kind: 'setting',
  key,
  value,
  replaces: replaces.map((id) => entryId(id)),
});

let ids = 0;
const entry = (author: number, value: Json | undefined, rest: Partial<Written> = {}): Written => {
  ids += 1;
  return { id: ids, author, lamport: ids, key: 'setting/a', value, replaces: [], ...rest };
};
function fold(written: readonly Written[], roles = roleOf): Settings {
  const settings = createSettings({ ...options, roleOf: roles });
  for (const each of written) settings.apply(actOf(each), bodyOf(each));
  return settings;
}
const valueOf = (written: readonly Written[], key = 'setting/a', roles = roleOf): Json | undefined =>
  fold(written, roles).of(key)?.value;

describe('settings', () => {
  it('G16: what a counted entry replaces doesn’t stand, itself replaced or not', () => {
    const a = entry(1, 'a');
    const b = entry(3, 'b', { replaces: [a.id] });
    const c = entry(4, 'c', { replaces: [b.id] });
    expect(valueOf([a, b])).toBe('b');
    expect(valueOf([a, b, c])).toBe('c');
    expect(valueOf([c, b, a])).toBe('c');
  });

  it('G16: of what stands the owner’s says the value, then the highest (lamport, id)', () => {
    const owner = entry(1, 'owner', { lamport: 1 });
    const [low, high] = [entry(3, 'low', { lamport: 5 }), entry(4, 'high', { lamport: 6 })];
    const tie = entry(5, 'tie', { lamport: 6 });
    expect(valueOf([high, low])).toBe('high');
    expect(valueOf([tie, high, low])).toBe('tie');
    expect(valueOf([high, owner, low])).toBe('owner');
  });

  it('G16: of an author’s entries for a key the last counts: what it doesn’t name any more is not replaced', () => {
    const a = entry(1, 'a');
    const b = entry(3, 'b', { replaces: [a.id] });
    expect(valueOf([a, b, entry(3, 'b again', { replaces: [a.id] })])).toBe('b again');
    expect(valueOf([a, b, entry(3, 'b alone')])).toBe('a');
  });

  it('G16: contract keys count only of owner and moderators, as the roles are now, and what doesn’t count replaces nothing', () => {
    const key = 'contract.name';
    const owner = entry(1, 'By the owner', { key });
    const member = entry(3, 'By a member', { key, replaces: [owner.id] });
    const moderator = entry(2, 'By a moderator', { key, replaces: [owner.id, member.id] });
    expect(valueOf([owner, member], key)).toBe('By the owner');
    expect(valueOf([member], key)).toBeUndefined();
    expect(valueOf([owner, member, moderator], key)).toBe('By a moderator');
    const roles = new Map<string, Role>([
      [peer(1), 'owner'],
      [peer(3), 'member'],
    ]);
    const settings = fold([owner, member], (who) => roles.get(who) ?? null);
    expect(settings.of(key)?.value).toBe('By the owner');
    roles.set(peer(3), 'moderator');
    expect(settings.of(key)?.value).toBe('By a member');
  });

  it('G16: a value that isn’t what its key needs doesn’t count, nor does it replace', () => {
    const good = entry(1, 'A name', { key: 'contract.name' });
    const bad = entry(2, 7, { key: 'contract.name', replaces: [good.id] });
    const own = entry(1, '', { key: 'contract.name', replaces: [good.id] });
    expect(valueOf([good, bad, own], 'contract.name')).toBe('A name');
    const prompt = entry(3, { id: 'other' }, { key: 'prompt/a' });
    expect(valueOf([prompt], 'prompt/a')).toBeUndefined();
    expect(valueOf([entry(3, [1, { a: null }], { key: 'later/kind' })], 'later/kind')).toEqual([
      1,
      { a: null },
    ]);
  });

  it('G16: an entry without a value takes it away, as far as it stands', () => {
    const a = entry(3, 'a');
    const gone = entry(4, undefined, { replaces: [a.id] });
    expect(valueOf([a, gone])).toBeUndefined();
    expect(valueOf([a, gone, entry(5, 'b', { lamport: 1 })])).toBeUndefined();
    expect(valueOf([a, gone, entry(1, 'of the owner', { lamport: 1 })])).toBe('of the owner');
  });

  it('G16: entries that name themselves or each other neither loop nor throw', () => {
    const own = entry(3, 'own');
    own.replaces.push(own.id);
    expect(valueOf([own])).toBe('own');
    const [a, b] = [entry(3, 'a'), entry(4, 'b')];
    a.replaces.push(b.id);
    b.replaces.push(a.id);
    expect(valueOf([a, b])).toBeUndefined();
  });

  it('G16: what is written replaces what stands, then the owner’s, then the newest, at most 64', () => {
    const owner = entry(1, 'owner');
    const others = Array.from({ length: 80 }, (_, index) =>
      entry(100 + index, index, { replaces: [owner.id] }),
    );
    const head = entry(50, 'head', { lamport: owner.lamport + 1, replaces: others.map(({ id }) => id) });
    const replaced = fold([owner, ...others, head]).replaced('setting/a');
    expect(replaced).toHaveLength(64);
    expect(replaced.slice(0, 2)).toEqual([entryId(head.id), entryId(owner.id)]);
    expect(replaced.slice(2)).toEqual(
      others
        .slice(-62)
        .reverse()
        .map(({ id }) => entryId(id)),
    );
  });

  it('G16: of one author the keys written last are remembered, whatever the order of arrival', () => {
    const many = Array.from({ length: GRAPH.settingKeys + 3 }, (_, index) =>
      entry(3, index, { key: `setting/${index}`, lamport: index + 1 }),
    );
    const rewritten = entry(3, 'again', { key: 'setting/0', lamport: 5_000 });
    const all = [...many, rewritten];
    const settings = fold(all);
    expect(settings.countOf(peer(3))).toBe(GRAPH.settingKeys);
    expect(settings.of('setting/0')?.value).toBe('again');
    expect(settings.of('setting/3')).toBeNull();
    expect(settings.of('setting/4')?.value).toBe(4);
    expect(fold(all.toReversed()).digest()).toBe(settings.digest());
    // Others' keys are theirs.
    settings.apply(actOf(entry(4, 1, { key: 'setting/of-4' })), bodyOf(entry(4, 1, { key: 'setting/of-4' })));
    expect(settings.countOf(peer(3))).toBe(GRAPH.settingKeys);
  });
});

/** G16 by the letter, from all there is. */
function naive(written: readonly Written[], key: string): Json | undefined {
  const fits = (value: Json | undefined): boolean =>
    key !== 'contract.name' ||
    value === undefined ||
    (typeof value === 'string' && value.length >= 1 && value.length <= 120);
  const isAfter = (a: Written, b: Written): boolean =>
    a.lamport > b.lamport || (a.lamport === b.lamport && a.id > b.id);
  const role = (author: number): Role | null => roleOf(peer(author));
  const valid = written.filter((each) => each.key === key && fits(each.value));
  const last = valid.filter(
    (each) => !valid.some((other) => other.author === each.author && isAfter(other, each)),
  );
  const counted = last.filter(({ author }) =>
    key.startsWith('contract.') ? ['owner', 'moderator'].includes(role(author) ?? '') : role(author) !== null,
  );
  const stands = counted.filter(
    (each) => !counted.some((other) => other.author !== each.author && other.replaces.includes(each.id)),
  );
  const owners = stands.filter(({ author }) => role(author) === 'owner');
  const among = owners.length > 0 ? owners : stands;
  return among.find((each) => !among.some((other) => isAfter(other, each)))?.value;
}

const history: fc.Arbitrary<Written[]> = fc
  .array(
    fc.record({
      author: fc.constantFrom(1, 2, 3, 4, 9),
      lamport: fc.integer({ min: 1, max: 6 }),
      key: fc.constantFrom('setting/a', 'contract.name', 'setting/b'),
      value: fc.constantFrom<(Json | undefined)[]>('x', 'y', 'z', 3, undefined),
      replaces: fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 4 }),
    }),
    { maxLength: 14 },
  )
  .map((all) =>
    // Ids ascend with the index; only what was written before can be named.
    all.map((each, index) => ({ ...each, id: index, replaces: each.replaces.filter((id) => id < index) })),
  );
const told = history.chain((all) =>
  fc.tuple(
    fc.constant(all),
    fc
      .tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.subarray(all))
      .map(([order, again]) => [...order, ...again]),
  ),
);

describe('any history of settings', () => {
  it('G1, G16: any order, some repeated, gives the same values and digest, and those of a plain reading of the rule', () => {
    fc.assert(
      fc.property(told, ([all, again]) => {
        const [one, other] = [fold(all), fold(again)];
        expect(other.digest()).toBe(one.digest());
        for (const key of ['setting/a', 'setting/b', 'contract.name']) {
          expect(other.of(key)).toEqual(one.of(key));
          expect(one.of(key)?.value).toEqual(naive(all, key));
          expect(other.replaced(key)).toEqual(one.replaced(key));
        }
        expect(other.keys('setting/')).toEqual(one.keys('setting/'));
      }),
      { seed: 20_261_121, numRuns: 1_000 },
    );
  });
});

describe('profiles', () => {
  it('G11, G1: of each author the last by (lamport, id) stands, in any order', () => {
    const acts = [3, 1, 2].map((lamport) => ({
      act: { entry: entryId(lamport), author: peer(4), lamport, at: lamport },
      body: { kind: 'profile' as const, name: `n${lamport}` },
    }));
    const [one, other] = [createProfiles(options), createProfiles(options)];
    for (const { act, body } of acts) one.apply(act, body);
    for (const { act, body } of [...acts, ...acts].reverse()) other.apply(act, body);
    expect(one.of(peer(4))).toEqual({ body: { kind: 'profile', name: 'n3' }, at: 3 });
    expect(other.of(peer(4))).toEqual(one.of(peer(4)));
    expect(other.digest()).toBe(one.digest());
    expect(one.of(peer(5))).toBeNull();
    other.apply({ entry: entryId(9), author: peer(5), lamport: 9, at: 9 }, { kind: 'profile', name: 'x' });
    expect(other.digest()).not.toBe(one.digest());
  });
});
