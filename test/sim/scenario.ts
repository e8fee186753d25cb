// What a scenario is, and what they share. Types and small helpers only.
import type { GroveId } from '../../worker/core/model/ids.ts';
import type { SimPeer } from './peer.ts';
import type { Wants } from './wants.ts';
import type { Settling, World } from './world.ts';

export interface Setting {
  world: World;
  /** How many devices take part. */
  peers: number;
  /** How long the scenario's own part lasts, simulated seconds. */
  seconds: number;
}

export interface Outcome {
  /** When the last fault ended, or the newcomers came: simulated ms. Null where there is none to catch up after. */
  since: number | null;
  /** Clocks are wrong: what depends on the reader's clock differs. */
  skewed?: boolean;
  /** Not all are to hold all artifacts. */
  onDemand?: boolean;
  /** What it asked for and didn't get. */
  shortfalls?: readonly string[];
  /** What it sees once all has settled: what it asked for and didn't get. */
  after?(): Promise<readonly string[]>;
  /** What it counted itself, by name. */
  counts?: ReadonlyMap<string, number>;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** Defaults of the command line. */
  readonly peers: number;
  readonly seconds: number;
  /** Most simulated ms from the end of faults until all members hold the same. */
  readonly settleMs: number;
  readonly wants: Wants;
  /** Where it may stand among several of one run: it makes a world of its own, or leaves none to go on in. Anywhere where it isn't said. */
  readonly place?: 'first' | 'last';
  run(setting: Setting): Promise<Outcome>;
}

/** From so many peers on they are in the grove already when the run begins: joining one by one is `crowd`'s matter. */
const STORED_FROM = 64;

/** A grove of so many, or that of the scenario before. */
export async function start(
  world: World,
  count: number,
  settling: Settling = {},
): Promise<{ peers: SimPeer[]; grove: GroveId }> {
  const [before] = world.groves;
  if (before !== undefined) {
    world.measure.start();
    return { peers: world.membersOf(before), grove: before };
  }
  const { contributions = 0, skew = () => 0 } = settling;
  if (count >= STORED_FROM || contributions > 0) return startStored(world, count, settling);
  const peers: SimPeer[] = [];
  for (let i = 0; i < count; i += 1) peers.push(await world.addPeer(skew(i)));
  const grove = await world.settle(peers);
  world.measure.start();
  return { peers, grove };
}

/** All are in the grove already, and come back; `settings`: as of `settleStored`. */
export async function startStored(
  world: World,
  ...settings: Parameters<World['settleStored']>
): ReturnType<World['settleStored']> {
  const settled = await world.settleStored(...settings);
  world.measure.start();
  return settled;
}

/** One entry a second by a random member that is there. */
export function writeRandomly(world: World, grove: GroveId, seconds: number, every = 1_000): void {
  world.every(every, seconds * 1_000, () => {
    const members = world.membersOf(grove);
    if (members.length > 0) world.write(world.pick(members), grove);
  });
}

/** All but the first `keep`, of which a share, in random order. */
export function some<T>(world: World, from: readonly T[], share: number, keep = 0): T[] {
  const rest = from.slice(keep);
  const count = Math.max(1, Math.round(rest.length * share));
  const chosen: T[] = [];
  while (chosen.length < count && rest.length > 0)
    chosen.push(...rest.splice(world.random.int(rest.length), 1));
  return chosen;
}

/** DESIGN and issue 2: identical views within 90 s of the end of a fault. */
export const SETTLE = 90_000;

/** Defaults of most scenarios. */
export const usual = { peers: 12, seconds: 60, settleMs: SETTLE, wants: {} };
