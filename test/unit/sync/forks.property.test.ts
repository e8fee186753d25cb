// However two branches of one author come, and whatever others built on them, all end with the same.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareEntries, type Entry } from '../../../worker/core/model/entry.ts';
import type { PeerId } from '../../../worker/core/model/ids.ts';
import type { Keypair } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { Log } from '../../../worker/core/sync/log.ts';
import { SEED } from '../model/fixtures.ts';
import { key, NOTED, World, type Written } from './bench.ts';
import { Net, type Peer } from './peers.ts';

const honest = [key(2), key(3), key(4)];
const forker = key(5);
const admitted = [key(6), key(7), key(8)];

interface Step {
  who: number;
  what: number;
}

/** People who write and meet, one of whom keeps two or three logs and shows one to some and another to others. */
function aWorld(steps: readonly Step[], branches: number) {
  const world = new World([...honest, forker]);
  for (const each of honest) world.meet(each, forker);
  world.contribute(forker, 'before the fork');
  const logs = Array.from({ length: branches }, () => copyOf(world, forker));
  const held = (by: Keypair): Written[] =>
    world.all
      .filter(({ entry }) => world.log(by).has(entry.id))
      .sort((a, b) => compareEntries(a.entry, b.entry));
  let invites: Entry[] = [world.invite];
  let count = 0;

  /** `to` knows afterwards what is in this log. */
  function tell(log: Log, to: Keypair): void {
    const news = world.all.filter(({ entry }) => log.has(entry.id) && !world.log(to).has(entry.id));
    for (const { entry } of news.sort((a, b) => compareEntries(a.entry, b.entry)))
      world.log(to).append(entry, NOTED(entry));
  }

  function fork({ who, what }: Step): void {
    const log = logs[who % branches] ?? new Log();
    world.logs.set(forker.id, log);
    const newcomer = admitted[what % admitted.length] ?? key(6);
    const kind = what % 7;
    if (kind === 0) world.admit(forker, newcomer, invites.at(-1) ?? world.invite);
    else if (kind === 1)
      world.write(forker, {
        kind: 'revoke-invite',
        invite: (invites[what % invites.length] ?? world.invite).id,
      });
    else if (kind === 2) {
      const invite = {
        kind: 'invite',
        sealed: new Uint8Array(8),
        role: 'member',
        expiresAt: null,
        uses: 1,
      } as const;
      invites = [...invites, world.write(forker, invite).entry];
    } else if (kind === 3) world.write(forker, { kind: 'profile', name: `${what}` });
    else world.contribute(forker, `branch ${who % branches} ${(count += 1)}`);
    if (kind === 0 && what % 2 === 0) {
      tell(log, newcomer);
      world.contribute(newcomer, `let in ${(count += 1)}`);
      tell(world.log(newcomer), honest[what % honest.length] ?? key(2));
    }
  }

  for (const { who, what } of steps) {
    const by = honest[who % honest.length] ?? key(2);
    if (what % 3 === 0) fork({ who, what: Math.floor(what / 3) });
    else if (what % 3 === 1) world.contribute(by, `${(count += 1)}`);
    else if (what % 2 === 0) tell(logs[Math.floor(what / 6) % branches] ?? new Log(), by);
    else {
      const other = honest[(who + 1 + (what % 2)) % honest.length] ?? key(3);
      tell(world.log(other), by);
    }
  }
  return { world, held, logs };
}

function copyOf(world: World, who: Keypair): Log {
  const log = new Log();
  for (const { entry } of [...world.all].sort((a, b) => compareEntries(a.entry, b.entry)))
    if (world.log(who).has(entry.id)) log.append(entry, NOTED(entry));
  return log;
}

const steps = fc.array(fc.record({ who: fc.nat({ max: 11 }), what: fc.nat({ max: 83 }) }), {
  minLength: 10,
  maxLength: 40,
});

function play(each: readonly Step[], branches: number, seed: number) {
  const { world, held } = aWorld(each, branches);
  const random = createSeededRandom(seed);
  const choose = (n: number): number => Math.floor(((random.bytes(1)[0] ?? 0) / 256) * n);
  const net = new Net(world.grove, seed);
  const peers = [...honest, key(9)].map((person) => net.add(person));
  const sizes = (): string => peers.map((peer) => peer.sync.log(world.grove)?.size).join();
  // Each holds what its person knew. What comes for being named is taken once it is missed, so it comes again.
  for (let before = ''; before !== sizes();) {
    before = sizes();
    for (const peer of peers.slice(0, 3)) {
      const wires = held(peer.key).map(({ wire }) => wire);
      net.give(peer, wires);
      // A branch is wanted from its named end down.
      net.give(peer, wires.toReversed());
    }
    net.pass(3_000);
  }
  for (let i = 0; i + 1 < peers.length; i += 1) {
    const [left, right] = [peers[i], peers[i + 1]];
    if (left !== undefined && right !== undefined) net.link(left, right);
    net.settle(choose);
  }
  return { net, world, peers, choose };
}

/** Whether some honest person knew of two entries of the forker that follow the same one. */
function isKnown(world: World): boolean {
  const seen = new Map<string, Set<string>>();
  for (const { entry } of world.all) {
    if (entry.author !== forker.id || !honest.some((each) => world.log(each).has(entry.id))) continue;
    const name = `${entry.prev}`;
    seen.set(name, (seen.get(name) ?? new Set()).add(entry.id));
  }
  return [...seen.values()].some(({ size }) => size > 1);
}

const accused = (peer: Peer, world: World): PeerId[] =>
  (peer.sync.pipeline(world.grove)?.forks() ?? []).map(({ author }) => author);

describe('an author who forks its log', () => {
  it('S13, S14: leaves all who hold the entries of the others with the same views, whichever branch they saw first', () => {
    let known = 0;
    let aside = 0;
    let standing = 0;
    fc.assert(
      fc.property(steps, fc.constantFrom(2, 2, 3), fc.nat({ max: 1_000 }), (each, branches, seed) => {
        const { net, world, peers, choose } = play(each, branches, seed);
        net.pass(90_000, choose);
        const [first, ...others] = peers.map((peer) => net.stateOf(peer));
        for (const other of others) expect(other).toEqual(first);
        expect(peers.map((peer) => accused(peer, world))).toEqual(
          peers.map(() => (isKnown(world) ? [forker.id] : [])),
        );
        if (isKnown(world)) known += 1;
        for (const kept of peers.flatMap((peer) => peer.sync.log(world.grove)?.since(0, Infinity) ?? [])) {
          if (kept.aside) aside += 1;
          standing += kept.stands.length;
        }
        // All that honest people wrote is held by all.
        for (const peer of peers)
          for (const { entry } of world.all)
            if (honest.some(({ id }) => id === entry.author))
              expect(peer.sync.log(world.grove)?.has(entry.id)).toBe(true);
        for (const peer of peers) {
          const again = new Net(world.grove).add(peer.key, peer.tables.copy());
          expect(net.stateOf(again)).toEqual(first);
        }
      }),
      { seed: SEED, numRuns: 20 },
    );
    // Of so many runs some had to be about something.
    expect(known).toBeGreaterThan(5);
    expect(aside).toBeGreaterThan(20);
    expect(standing).toBeGreaterThan(20);
  }, 120_000);
});
