// One member in five means harm: real keys, real links, real signatures, and bytes that no honest device would send.
import type { GroveId } from '../../worker/core/model/ids.ts';
import { accuser } from './hostile/accuse.ts';
import { corrupt, type Behaviour } from './hostile/device.ts';
import { blackHole, boaster, faker, flooder, replayer, usurper } from './hostile/gossip.ts';
import { forger, forker, liar, poisoner, type Planted } from './hostile/logs.ts';
import type { SimPeer } from './peer.ts';
import { some, start, usual, writeRandomly, type Scenario } from './scenario.ts';
import type { World } from './world.ts';

const HOSTILE = 0.2;
/** Ways of harm of one hostile member, where there are more. */
const EACH = 3;
/** An honest member has at least so many links to honest ones, nearly always (issue 2). */
const LINKS = { least: 2, share: 0.99, every: 10_000 };

/** Every way there is; what is planted is noted. */
export const behaviours = (planted: Planted): readonly Behaviour[] => [
  forger(planted),
  forker(planted),
  liar,
  accuser,
  poisoner,
  faker,
  boaster,
  flooder,
  replayer,
  blackHole,
  usurper,
];

/** Looks now and then how many honest members each honest one is linked to. */
function watchLinks(world: World, grove: GroveId, seconds: number): () => string[] {
  let seen = 0;
  let enough = 0;
  world.every(LINKS.every, seconds * 1_000, () => {
    const honest = new Set(world.membersOf(grove).map(({ host }) => host));
    const linked = new Map<number, Set<number>>();
    for (const { host, other } of world.network.connections())
      if (other !== null && honest.has(other.host))
        linked.set(host, (linked.get(host) ?? new Set()).add(other.host));
    for (const host of honest) {
      seen += 1;
      if ((linked.get(host)?.size ?? 0) >= LINKS.least) enough += 1;
    }
  });
  return () =>
    // In a small world one sample is more than that share of all.
    seen - enough > Math.max(1, (1 - LINKS.share) * seen)
      ? [`honest peers had ${LINKS.least} honest links in ${enough} of ${seen} samples`]
      : [];
}

/** What of it is in the views of an honest member. All have the same views. */
async function shown(world: World, grove: GroveId, planted: Planted): Promise<string[]> {
  const [peer] = world.membersOf(grove);
  const found: string[] = [];
  for (let cursor: string | undefined; peer !== undefined;) {
    const page = await world.ask(peer, 'contributions', [
      grove,
      { limit: 500, ...(cursor === undefined ? {} : { cursor }) },
    ]);
    for (const { cid, summary } of page.items) if (planted.has(cid as never)) found.push(summary);
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return found.map((each) => `a planted entry is shown: ${each}`);
}

/** A scenario of these ways of harm, `each` of them for each hostile member. */
export function hostileScenario(
  name: string,
  about: string,
  ways: (planted: Planted) => readonly Behaviour[],
  each: number,
): Scenario {
  return {
    ...usual,
    name,
    about,
    place: 'last',
    peers: 20,
    async run({ world, peers, seconds }) {
      const { peers: all, grove } = await start(world, peers);
      const planted: Planted = new Set();
      const counts = new Map<string, number>();
      const choice = ways(planted);
      let turn = 0;
      const take = (): Behaviour[] =>
        Array.from({ length: Math.min(each, choice.length) }, () => choice[turn++ % choice.length]).filter(
          (behaviour) => behaviour !== undefined,
        );
      // The owner is honest: who founds a grove to harm it harms only those who trust it.
      const bad: SimPeer[] = some(world, all, HOSTILE, 1);
      for (const peer of bad)
        corrupt(world, peer, grove, take(), (way) => counts.set(way, (counts.get(way) ?? 0) + 1));
      const linked = watchLinks(world, grove, seconds);
      writeRandomly(world, grove, seconds);
      await world.scheduler.run(seconds * 1_000);
      return {
        since: world.scheduler.now(),
        counts,
        after: async () => [...linked(), ...(await shown(world, grove, planted))],
      };
    },
  };
}

export const byzantine = hostileScenario(
  'byzantine',
  'a fifth of the members is hostile: forgeries, forks, lies, floods, replays, silence',
  behaviours,
  EACH,
);
