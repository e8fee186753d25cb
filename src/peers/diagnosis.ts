// Why no link comes about: facts in, findings out, the deepest cause first. Pure; words are chosen by who shows them.
import type { NetworkInfo } from '../../worker/rpc/api.ts';
import type { IceResult } from '../links/ice-test.ts';

export type FindingCode =
  | 'offline'
  | 'banned'
  | 'not-member'
  | 'gossip-off'
  | 'alone'
  | 'no-carrier'
  | 'hand-only'
  | 'endpoint-down'
  | 'endpoint-connecting'
  | 'room-closed'
  | 'nobody-there'
  | 'unheard'
  | 'no-answer'
  | 'relay-only-none'
  | 'relay-only-dead'
  | 'no-path-no-turn'
  | 'no-path-turn-dead'
  | 'no-path'
  | 'version'
  | 'handshake'
  | 'refused'
  | 'paused'
  | 'unproven'
  | 'links-full'
  | 'dismissed'
  | 'ice-dead'
  | 'clock'
  | 'looking'
  | 'linked';

export type FindingAction =
  'invite' | 'hand' | 'settings' | 'gossip-on' | 'reload' | 'retry' | 'resume' | 'forgive' | 'test' | null;

export interface Finding {
  code: FindingCode;
  /** `note`: nothing is wrong by it. */
  tone: 'bad' | 'warn' | 'note';
  action: FindingAction;
  /** Whom it is about. */
  peers: string[];
  /** What the other side or the browser said of it: shown as theirs, never as ours. */
  detail: string | null;
}

export interface LinkFacts {
  /** Whether the device has a network, by the browser. */
  online: boolean;
  network: NetworkInfo;
  /** Those whom this device refuses for what it saw them do (SPEC P11). */
  refused: readonly string[];
  /** How many STUN and TURN servers are set. */
  stun: number;
  turn: number;
  /** Links go through TURN servers only (SPEC K9). */
  relayOnly: boolean;
  /** The newest test of each server. */
  ice: readonly IceResult[];
  /** ms by which this device's clock is ahead of the endpoint's; null where it wasn't compared. */
  clockOff: number | null;
  /** ms since the epoch. */
  now: number;
}

/** The endpoint is given so long before its silence is called one. */
const PATIENCE = 5_000;
/** A clock this far off spoils expiries and texts carried by hand. */
const CLOCK_OFF = 120_000;
/** Links that ended longer ago say nothing of now. */
const LATELY = 120_000;

const find = (
  code: FindingCode,
  tone: Finding['tone'],
  action: FindingAction = null,
  more: { peers?: string[]; detail?: string | null } = {},
): Finding => ({ code, tone, action, peers: more.peers ?? [], detail: more.detail ?? null });

/** What stands before all else: nothing that comes after it could work. */
function hindrance({ online, network }: LinkFacts): Finding | null {
  const linked = network.open.length > 0;
  if (network.banned) return find('banned', 'bad');
  if (network.gossip === 'off') return find('gossip-off', 'bad', 'gossip-on');
  if (network.members <= 1) return find('alone', 'note', 'invite');
  if (!online && !linked) return find('offline', 'bad');
  if (!network.carrier) return find('no-carrier', 'bad', 'reload');
  return network.role === null && !linked ? find('not-member', 'warn') : null;
}

/** How others are found. Whoever is linked finds them by members as well. */
function meeting({ network, now }: LinkFacts): Finding[] {
  const { signal, room, discovery } = network;
  const linked = network.open.length > 0;
  const weight = linked ? 'note' : 'bad';
  if (discovery === 'hand' || signal.state === 'off')
    return linked ? [] : [find('hand-only', 'warn', 'hand')];
  if (signal.state === 'down') return [find('endpoint-down', weight, 'hand', { detail: signal.reason })];
  if (signal.state === 'connecting') {
    const waits = signal.since !== null && now - signal.since > PATIENCE;
    return [find('endpoint-connecting', waits && !linked ? 'warn' : 'note', waits ? 'hand' : null)];
  }
  if (linked) return [];
  if (room?.joined !== true) return [find('room-closed', 'warn', 'reload')];
  if (room.others === 0) return [find('nobody-there', 'note', 'settings')];
  if (room.heard === 0 && network.attempts.length === 0) return [find('unheard', 'warn', 'hand')];
  return [];
}

/** Whether all TURN servers that were tested are dead. */
function relaysAreDead(ice: readonly IceResult[]): boolean {
  const relays = ice.filter(({ kind }) => kind === 'turn');
  return relays.length > 0 && relays.every(({ ok }) => !ok);
}

/** Where only relays may be used and there is none, no attempt can succeed. */
function relays({ network, relayOnly, turn, ice }: LinkFacts): Finding[] {
  if (!relayOnly || network.open.length > 0) return [];
  if (turn === 0) return [find('relay-only-none', 'bad', 'settings')];
  const reason = ice.find(({ kind, ok }) => kind === 'turn' && !ok)?.reason ?? null;
  return relaysAreDead(ice) ? [find('relay-only-dead', 'bad', 'settings', { detail: reason })] : [];
}

/** Attempts that failed, by how far they came. */
function attempts(facts: LinkFacts): Finding[] {
  const { network, turn, ice } = facts;
  const at = (...stages: NetworkInfo['attempts'][number]['stage'][]) =>
    network.attempts.filter(({ stage }) => stages.includes(stage));
  const named = (rows: NetworkInfo['attempts']): { peers: string[]; detail: string | null } => ({
    peers: rows.map(({ peer }) => peer),
    detail: rows.toSorted((a, b) => b.at - a.at)[0]?.reason ?? null,
  });
  const found = relays(facts);
  const pathless = at('path');
  if (pathless.length > 0 && found.length === 0) {
    const isTested = ice.some(({ kind }) => kind === 'turn');
    if (turn === 0) found.push(find('no-path-no-turn', 'bad', 'settings', named(pathless)));
    else if (relaysAreDead(ice)) found.push(find('no-path-turn-dead', 'bad', 'settings', named(pathless)));
    else found.push(find('no-path', 'bad', isTested ? 'hand' : 'test', named(pathless)));
  }
  const refused = at('handshake');
  const old = refused.filter(({ reason }) => /\bversion\b/.test(reason));
  const others = refused.filter((row) => !old.includes(row));
  if (old.length > 0) found.push(find('version', 'bad', 'reload', named(old)));
  if (others.length > 0) found.push(find('handshake', 'bad', 'retry', named(others)));
  const silent = at('call', 'answer');
  if (silent.length > 0) found.push(find('no-answer', 'warn', 'retry', { ...named(silent), detail: null }));
  return found;
}

/** Links that are there and don't serve this grove, and those there is no place for. */
function standing({ network, now, refused }: LinkFacts): Finding[] {
  const of = (why: NetworkInfo['closed'][number]['why']): string[] =>
    network.closed.filter((each) => each.why === why).map(({ peer }) => peer);
  const found: Finding[] = [];
  if (refused.length > 0) found.push(find('refused', 'warn', 'forgive', { peers: [...refused] }));
  if (of('paused').length > 0) found.push(find('paused', 'warn', 'resume', { peers: of('paused') }));
  if (of('unproven').length > 0) found.push(find('unproven', 'warn', null, { peers: of('unproven') }));
  if (network.open.length > 0) return found;
  if (network.links.up >= network.links.most) found.push(find('links-full', 'warn'));
  const full = network.ended.filter(({ reason, at }) => reason === 'goodbye: full' && now - at < LATELY);
  if (full.length > 0)
    found.push(find('dismissed', 'note', null, { peers: [...new Set(full.map(({ peer }) => peer))] }));
  return found;
}

/** What doesn't hinder by itself but makes it likelier. */
function besides({ ice, clockOff, network }: LinkFacts, found: readonly Finding[]): Finding[] {
  const more: Finding[] = [];
  const dead = ice.filter(({ ok }) => !ok);
  const isTold = found.some(({ code }) => code === 'no-path-turn-dead' || code === 'relay-only-dead');
  if (dead.length > 0 && !isTold)
    more.push(
      find('ice-dead', network.open.length > 0 ? 'note' : 'warn', 'settings', {
        detail: dead[0]?.reason ?? null,
      }),
    );
  if (clockOff !== null && Math.abs(clockOff) > CLOCK_OFF) more.push(find('clock', 'warn'));
  return more;
}

/** At least one: that all is well, or that it is being tried. */
export function diagnose(facts: LinkFacts): Finding[] {
  const first = hindrance(facts);
  if (first !== null) return [first];
  const places = meeting(facts);
  // Who can't be met can't answer: the one says what the other follows from.
  const isUnmet = places.length > 0 && facts.network.open.length === 0;
  const tried = attempts(facts).filter(({ code }) => !isUnmet || code !== 'no-answer');
  const found = [...places, ...tried, ...standing(facts)];
  const all = [...found, ...besides(facts, found)].sort((a, b) => WEIGHT[a.tone] - WEIGHT[b.tone]);
  const { open } = facts.network;
  if (open.length > 0) return [find('linked', 'note', null, { peers: open }), ...all];
  return all.length > 0 ? all : [find('looking', 'note', 'retry')];
}
const WEIGHT = { bad: 0, warn: 1, note: 2 } as const;
