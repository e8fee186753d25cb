// Why no link comes about: facts and what is found in them, case by case.
import { describe, expect, it } from 'vitest';
import type { IceResult } from '../../../src/links/ice-test.ts';
import { diagnose, type Finding, type LinkFacts } from '../../../src/peers/diagnosis.ts';
import { network as words } from '../../../src/strings/network.ts';
import type { NetworkInfo } from '../../../worker/rpc/api.ts';

const NOW = 1_800_000_000_000;
const [ANN, BEN] = ['a'.repeat(64), 'b'.repeat(64)];

const network = (change: Partial<NetworkInfo> = {}): NetworkInfo => ({
  gossip: 'on',
  role: 'member',
  banned: false,
  discovery: 'both',
  carrier: true,
  members: 3,
  signal: { state: 'up', url: 'wss://x.example/signal', reason: null, since: NOW - 60_000, lastError: null },
  room: { joined: true, others: 2, heard: 2 },
  rooms: { wanted: 1, joined: 1 },
  links: { up: 0, connecting: 0, most: 24 },
  open: [],
  closed: [],
  attempts: [],
  ended: [],
  ...change,
});
const facts = (change: Partial<NetworkInfo> = {}, around: Partial<LinkFacts> = {}): LinkFacts => ({
  online: true,
  network: network(change),
  refused: [],
  stun: 1,
  turn: 0,
  relayOnly: false,
  ice: [],
  clockOff: null,
  now: NOW,
  ...around,
});
const failed = (
  stage: NetworkInfo['attempts'][number]['stage'],
  reason = 'timeout while connecting',
): Partial<NetworkInfo> => ({ attempts: [{ peer: BEN, stage, attempts: 3, reason, at: NOW - 1000 }] });
const tested = (kind: IceResult['kind'], ok: boolean): IceResult => ({
  ...{ url: `${kind}:x.example`, kind, ok, ms: 20, at: NOW, reason: ok ? null : '701 no answer' },
});
const signal = (change: Partial<NetworkInfo['signal']>): Partial<NetworkInfo> => ({
  signal: { ...network().signal, ...change },
});
const ended = (reason: string, at: number): Partial<NetworkInfo> => ({ ended: [{ peer: BEN, reason, at }] });

/** What it is about, the facts, and the codes of the findings with what they suggest. */
const CASES: readonly [name: string, facts: LinkFacts, found: string[]][] = [
  ['no network', facts({}, { online: false }), ['offline']],
  ['no network hides what follows from it', facts(signal({ state: 'down' }), { online: false }), ['offline']],
  ['a ban', facts({ banned: true, role: null }), ['banned']],
  ['a membership that has not arrived', facts({ role: null }), ['not-member']],
  ['exchange turned off', facts({ gossip: 'off', room: null }), ['gossip-off gossip-on']],
  ['nobody else is a member', facts({ members: 1 }), ['alone invite']],
  ['no tab that carries links', facts({ carrier: false }), ['no-carrier reload']],
  ['by hand only', facts({ discovery: 'hand', room: null, ...signal({ state: 'off' }) }), ['hand-only hand']],
  ['an endpoint that is down', facts(signal({ state: 'down', reason: 'gone' })), ['endpoint-down hand']],
  [
    'an endpoint that is down says why nobody answers',
    facts({ ...signal({ state: 'down' }), ...failed('call', 'no answer to our call') }),
    ['endpoint-down hand'],
  ],
  [
    'an endpoint just asked',
    facts(signal({ state: 'connecting', since: NOW - 500 })),
    ['endpoint-connecting'],
  ],
  [
    'an endpoint that says nothing',
    facts(signal({ state: 'connecting', since: NOW - 9_000 })),
    ['endpoint-connecting hand'],
  ],
  ['no place in the room', facts({ room: { joined: false, others: 0, heard: 0 } }), ['room-closed reload']],
  ['an empty room', facts({ room: { joined: true, others: 0, heard: 0 } }), ['nobody-there settings']],
  [
    'an empty room says why nobody answers',
    facts({ room: { joined: true, others: 0, heard: 0 }, ...failed('call', 'no answer to our call') }),
    ['nobody-there settings'],
  ],
  ['a room of strangers', facts({ room: { joined: true, others: 2, heard: 0 } }), ['unheard hand']],
  ['a call without an answer', facts(failed('call', 'no answer to our call')), ['no-answer retry']],
  ['an offer without an answer', facts(failed('answer')), ['no-answer retry']],
  ['no path, and no TURN', facts(failed('path')), ['no-path-no-turn settings']],
  ['no path, with an untested TURN', facts(failed('path'), { turn: 1 }), ['no-path test']],
  [
    'no path, with a TURN that works',
    facts(failed('path'), { turn: 1, ice: [tested('turn', true)] }),
    ['no-path hand'],
  ],
  [
    'no path, with a TURN that is dead',
    facts(failed('path'), { turn: 1, ice: [tested('turn', false)] }),
    ['no-path-turn-dead settings'],
  ],
  [
    'relays only, and none set: no attempt is needed to know',
    facts({}, { relayOnly: true }),
    ['relay-only-none settings'],
  ],
  [
    'relays only, and none set, is why no path was found',
    facts(failed('path'), { relayOnly: true }),
    ['relay-only-none settings'],
  ],
  [
    'relays only, and those that are set are dead',
    facts(failed('path'), { relayOnly: true, turn: 1, ice: [tested('turn', false), tested('stun', true)] }),
    ['relay-only-dead settings'],
  ],
  [
    'relays only, by one that is untested',
    facts(failed('path'), { relayOnly: true, turn: 1 }),
    ['no-path test'],
  ],
  [
    'relays only, by one of two that answers',
    facts({}, { relayOnly: true, turn: 2, ice: [tested('turn', false), tested('turn', true)] }),
    ['ice-dead settings'],
  ],
  ['another version', facts(failed('handshake', 'version: speaks 1-1, given 2-3')), ['version reload']],
  [
    'another version, by the other',
    facts(failed('handshake', 'goodbye: version: speaks 2-3, given 1-1')),
    ['version reload'],
  ],
  ['a proof that does not hold', facts(failed('handshake', 'the proof does not hold')), ['handshake retry']],
  ['one refused for its deeds', facts({}, { refused: [BEN] }), ['refused forgive']],
  ['one paused', facts({ closed: [{ peer: BEN, why: 'paused' }] }), ['paused resume']],
  ['one that shows no grove', facts({ closed: [{ peer: BEN, why: 'unproven' }] }), ['unproven']],
  ['as many links as may be', facts({ links: { up: 24, connecting: 0, most: 24 } }), ['links-full']],
  ['let go for want of a place', facts(ended('goodbye: full', NOW - 5_000)), ['dismissed']],
  ['let go long ago', facts(ended('goodbye: full', NOW - 600_000)), ['looking retry']],
  ['a dead STUN server', facts({}, { ice: [tested('stun', false)] }), ['ice-dead settings']],
  ['a clock that is an hour ahead', facts({}, { clockOff: 3_600_000 }), ['clock']],
  ['a clock that is a minute behind', facts({}, { clockOff: -60_000 }), ['looking retry']],
  ['nothing in the way', facts(), ['looking retry']],
  ['linked', facts({ open: [ANN] }), ['linked']],
  [
    'linked, with the endpoint down',
    facts({ open: [ANN], ...signal({ state: 'down' }) }),
    ['linked', 'endpoint-down hand'],
  ],
  ['linked without a network', facts({ open: [ANN] }, { online: false }), ['linked']],
  [
    'linked with one, and no way to another',
    facts({ open: [ANN], ...failed('path') }),
    ['linked', 'no-path-no-turn settings'],
  ],
];

const told = ({ code, action }: Finding): string => (action === null ? code : `${code} ${action}`);

describe('O5: why no link comes about', () => {
  it.each(CASES)('%s', (_, given, found) => {
    expect(diagnose(given).map(told)).toEqual(found);
  });

  it('what is worst comes first, and whom it is about is named', () => {
    const found = diagnose(
      facts({
        attempts: [
          { peer: ANN, stage: 'call', attempts: 1, reason: 'no answer to our call', at: NOW },
          { peer: BEN, stage: 'path', attempts: 2, reason: 'timeout while connecting', at: NOW },
        ],
        ...ended('goodbye: full', NOW),
      }),
    );
    expect(found.map(({ code }) => code)).toEqual(['no-path-no-turn', 'no-answer', 'dismissed']);
    expect(found.map(({ peers }) => peers)).toEqual([[BEN], [ANN], [BEN]]);
    expect(found[0]?.detail).toBe('timeout while connecting');
  });

  it('of every finding there is a sentence, and of every action a name', () => {
    for (const [, given] of CASES)
      for (const { code, action } of diagnose(given)) {
        expect(words.diagnosis.findings[code]).toHaveLength(2);
        if (action !== null) expect(words.diagnosis.actions[action]).not.toBe('');
      }
    const codes = new Set(CASES.flatMap(([, given]) => diagnose(given)).map(({ code }) => code));
    expect([...codes].sort()).toEqual(Object.keys(words.diagnosis.findings).sort());
  });
});
