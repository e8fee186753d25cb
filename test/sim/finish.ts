// Runs a scenario, waits until what it left has settled, looks whether all is as it must be, and says it in one record.
import type { GroveId } from '../../worker/core/model/ids.ts';
import type { Figures } from './measure.ts';
import { SETTLE, type Scenario } from './scenario.ts';
import { viewsOf } from './views.ts';
import { missed } from './wants.ts';
import { createWorld, type Mute, type World } from './world.ts';

export interface RunOptions {
  peers?: number;
  seconds?: number;
  seed: number;
  /** Test-only: frames that never arrive. */
  mute?: Mute;
  /** Called in the end, with the world still there. */
  onEnd?: () => void;
}

export interface Result extends Figures {
  scenario: string;
  peers: number;
  seed: number;
  delivered: number | null;
  catchUpMs: number | null;
  violations: number;
  simulatedS: number;
  wallS: number;
  /** SHA-256 of all that was sent, seen and stored, in order: equal runs have equal ones. */
  transcript: string;
}

export interface Report {
  result: Result;
  /** Every breach, with its time. */
  violations: readonly string[];
  /** What the scenario asks beyond that and didn't get. */
  shortfalls: readonly string[];
  /** Calls refused, by code. */
  refusals: Readonly<Record<string, number>>;
  /** What honest devices counted, all together, and what the scenario did. */
  counters: Readonly<Record<string, number>>;
  counts: Readonly<Record<string, number>>;
  events: number;
  /** Wall time until measuring began, s. */
  setupS: number | null;
}

/** An author that stayed so long passed its entries on. */
const STAYED = 30_000;
/** After the entries the artifacts that they name. */
const ARTIFACTS = 120_000;

/** The share of (entry, member) that came to be, of entries whose authors stayed. Null where none was written. */
function delivered(world: World): number | null {
  let wanted = 0;
  let got = 0;
  for (const { id, grove, at, hops } of world.measure.written()) {
    const [author] = hops.keys();
    const left = author === undefined ? null : world.departedAt(author);
    if (left !== null && left - at < STAYED) continue;
    for (const peer of world.membersOf(grove)) {
      wanted += 1;
      if (world.checks.heldBy(peer).has(id)) got += 1;
    }
  }
  return wanted === 0 ? null : got / wanted;
}

/**
 * What they say of a grove: each that is said with one who says it; and who shows other entries than it stores. `hasty`:
 * nobody else is asked once two differ.
 */
async function sayings(
  world: World,
  grove: GroveId,
  skewed: boolean,
  hasty: boolean,
): Promise<{ said: Map<string, number>; wrong: string[] }> {
  const { checks } = world;
  const said = new Map<string, number>();
  const wrong: string[] = [];
  for (const peer of world.membersOf(grove)) {
    const views = await viewsOf((method, params) => world.ask(peer, method, params), grove, {
      recency: !skewed,
      counts: checks.isHonest,
    });
    said.set(views, peer.host);
    if (hasty && said.size > 1) break;
    const [shown, stored] = [
      (JSON.parse(views) as { ids: string[] }).ids.length,
      checks.countOf(peer, grove),
    ];
    if (shown !== stored) wrong.push(`peer ${peer.host} stores ${stored} entries and shows ${shown}`);
  }
  return { said, wrong };
}

/**
 * All say the same of a grove, within the time that faults may take to heal. Logs are equal by now; word of a fork, which sets
 * aside what follows it, may still be on its way.
 */
async function compare(world: World, skewed: boolean, within: number): Promise<void> {
  let left = within;
  for (const grove of world.groves) {
    let { said, wrong } = await sayings(world, grove, skewed, left > 0);
    for (; said.size > 1 && left > 0; left -= 1_000) {
      await world.scheduler.run(1_000);
      ({ said, wrong } = await sayings(world, grove, skewed, left > 1_000));
    }
    for (const each of wrong) world.checks.violate(each);
    if (said.size > 1)
      world.checks.violate(
        `views differ: ${[...said.values()].join(', ')} of ${world.membersOf(grove).length} peers`,
      );
  }
  for (const peer of world.alive()) world.checks.checkAcknowledged(peer);
}

/** What honest devices counted, all together. */
async function countersOf(world: World): Promise<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const peer of world.alive()) {
    const { counters } = await world.ask(peer, 'stats', []);
    for (const [name, count] of Object.entries(counters)) sum[name] = (sum[name] ?? 0) + count;
    if (!world.hasHostile() && (counters['entries.forked'] ?? 0) > 0)
      world.checks.violate(`peer ${peer.host} called an honest author forked`);
  }
  return sum;
}

/** Where an artifact is named and not held. */
async function missingArtifacts(world: World): Promise<string[]> {
  const missing: string[] = [];
  for (const grove of world.groves) {
    for (const peer of world.membersOf(grove)) {
      const { items } = await world.ask(peer, 'contributions', [grove, { limit: 500 }]);
      for (const { cid, artifacts, summary } of items)
        if (artifacts.held < artifacts.total) missing.push(`${summary} (${cid}) at peer ${peer.host}`);
    }
  }
  return missing;
}

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Report> {
  const { seed, mute } = options;
  return runIn(createWorld({ seed, ...(mute === undefined ? {} : { mute }) }), scenario, options);
}

/** In a world that other scenarios may have gone through: what is told is of this one, but for `refusals`, `counters` and the transcript. */
export async function runIn(
  world: World,
  scenario: Scenario,
  options: Omit<RunOptions, 'mute'>,
): Promise<Report> {
  const startedAt = performance.now();
  const { seed } = options;
  const before = {
    at: world.scheduler.now(),
    violations: world.checks.violations.length,
    events: world.scheduler.count(),
  };
  const peers = options.peers ?? scenario.peers;
  const shortfalls: string[] = [];
  const { since, skewed, after, ...outcome } = await scenario.run({
    world,
    peers,
    seconds: options.seconds ?? scenario.seconds,
  });

  const waited = world.scheduler.now();
  const took = await world.converge(scenario.settleMs);
  if (took === null) shortfalls.push(`not settled within ${scenario.settleMs} ms`);
  const catchUpMs = since === null || took === null ? null : Math.round(waited - since + took);
  const figures = world.measure.figures();
  if (world.filesWritten() > 0 && outcome.onDemand !== true) {
    let missing = await missingArtifacts(world);
    for (let spent = 0; missing.length > 0 && spent < ARTIFACTS; spent += 1_000) {
      await world.scheduler.run(1_000);
      missing = await missingArtifacts(world);
    }
    shortfalls.push(...missing.map((each) => `missing: the artifact of ${each}`));
  }
  await world.scheduler.run(1_000);
  const share = delivered(world);
  if (share !== null && share < 1) shortfalls.push(`delivered ${share}`);
  if (took !== null) await compare(world, skewed === true, Math.max(0, SETTLE - took));
  const counters = await countersOf(world);
  shortfalls.push(...(outcome.shortfalls ?? []), ...((await after?.()) ?? []));
  shortfalls.push(...missed(scenario.wants, figures));

  const violations = world.checks.violations.slice(before.violations);
  const began = world.measure.began();
  options.onEnd?.();
  return {
    result: {
      scenario: scenario.name,
      peers,
      seed,
      delivered: share,
      ...figures,
      catchUpMs,
      violations: violations.length,
      simulatedS: Math.round((world.scheduler.now() - before.at) / 1_000),
      wallS: Number(((performance.now() - startedAt) / 1_000).toFixed(1)),
      transcript: world.transcript(),
    },
    violations,
    shortfalls,
    refusals: Object.fromEntries(world.refusals),
    counters,
    counts: Object.fromEntries(outcome.counts ?? []),
    events: world.scheduler.count() - before.events,
    setupS: began === null ? null : Number(((began - startedAt) / 1_000).toFixed(1)),
  };
}
