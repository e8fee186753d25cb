// Newcomers to a grove that holds much: how soon each has it all, and how much of it one neighbour had to give.
import type { EntryId, GroveId } from '../../worker/core/model/ids.ts';
import type { SimPeer } from './peer.ts';
import { SETTLE, start, usual, type Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** Entries that are held for each second of the scenario. */
const PER_SECOND = 10;
const NEWCOMERS = 50;
/** Round trips that a newcomer may take besides the transfer (issue 2). */
const ROUND_TRIPS = 3;
/** The most that one neighbour may give of it, where there is enough to share (issue 2). */
const SHARE = 0.4;
const ENOUGH = 2_000;
/** Nobody opens an invite before those who let in by it listen for newcomers, simulated ms. */
const LISTENING = 2_000;
/** How often completeness is looked at, simulated ms. */
const LOOK = 20;

/** What a newcomer was given, and when. */
interface Arrival {
  admittedAt: number | null;
  completeAt: number | null;
  bytes: number;
  had: Set<EntryId>;
  /** Host -> entries that it gave first. */
  from: Map<number, number>;
}

function watchArrivals(world: World, fresh: ReadonlyMap<SimPeer, Arrival>): void {
  world.watch((from, to, frame, bytes) => {
    const arrival = fresh.get(to);
    if (arrival === undefined) return;
    if (frame.type === 'admitted') arrival.admittedAt ??= world.scheduler.now();
    if (frame.type !== 'entries') return;
    arrival.bytes += bytes;
    for (const { header } of frame.entries) {
      const entry = world.checks.decodeHeader(header);
      if (entry === null || arrival.had.has(entry.id)) continue;
      arrival.had.add(entry.id);
      arrival.from.set(from.host, (arrival.from.get(from.host) ?? 0) + 1);
    }
  });
}

/** Notes who holds `entries` by now. True where all do. */
function look(world: World, grove: GroveId, fresh: ReadonlyMap<SimPeer, Arrival>, entries: number): boolean {
  let all = true;
  for (const [peer, arrival] of fresh) {
    if (arrival.completeAt !== null) continue;
    if (world.checks.countOf(peer, grove) >= entries) arrival.completeAt = world.scheduler.now();
    else all = false;
  }
  return all;
}

function judge(world: World, peer: SimPeer, arrival: Arrival, entries: number): string[] {
  const { admittedAt, completeAt, bytes, from } = arrival;
  if (admittedAt === null || completeAt === null) return [`peer ${peer.host} is not complete`];
  const { latency, bandwidth, jitter } = world.network.conditions();
  const allowed = ROUND_TRIPS * 2 * latency.max * (1 + jitter) + bytes / bandwidth + LOOK;
  const most = Math.max(0, ...from.values());
  const sum = [...from.values()].reduce((total, count) => total + count, 0);
  const took = completeAt - admittedAt;
  return [
    ...(took > allowed
      ? [`peer ${peer.host} was complete after ${took.toFixed(0)} ms, ${allowed.toFixed(0)} are allowed`]
      : []),
    ...(entries >= ENOUGH && most > SHARE * sum
      ? [`peer ${peer.host} had ${most} of ${sum} entries from one neighbour`]
      : []),
  ];
}

export const lateJoin: Scenario = {
  ...usual,
  name: 'late-join',
  place: 'first',
  about: `${PER_SECOND} entries for each second are held, then up to ${NEWCOMERS} newcomers join`,
  async run({ world, peers, seconds }) {
    const newcomers = Math.min(NEWCOMERS, Math.max(1, Math.round(peers / 3)));
    const { peers: all, grove } = await start(world, peers - newcomers, {
      contributions: PER_SECOND * seconds,
    });
    const url = await world.invite(world.pick(all), grove);
    await world.converge(SETTLE);
    await world.scheduler.run(LISTENING);
    const [owner] = all;
    const entries = owner === undefined ? 0 : world.checks.countOf(owner, grove);
    const since = world.scheduler.now();
    const fresh = new Map<SimPeer, Arrival>();
    const blank = { admittedAt: null, completeAt: null, bytes: 0 };
    for (let i = 0; i < newcomers; i += 1)
      fresh.set(await world.addPeer(), { ...blank, had: new Set(), from: new Map() });
    watchArrivals(world, fresh);
    for (const peer of fresh.keys()) world.join(peer, url);
    await world.scheduler.until(() => look(world, grove, fresh, entries), SETTLE, LOOK);
    return {
      since,
      shortfalls: [...fresh].flatMap(([peer, arrival]) => judge(world, peer, arrival, entries)),
    };
  },
};
