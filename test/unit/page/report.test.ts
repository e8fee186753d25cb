// A report may be shown to strangers: what would harm anybody is not in it, wherever it stood.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainReason, reportOf, type ReportFacts } from '../../../src/peers/report.ts';

const CANARIES = {
  grove: 'dead0011'.repeat(8),
  name: 'CANARY-NAME',
  reason: 'CANARY-REASON 203.0.113.77',
  url: 'wss://user:CANARY-PASS@canary.example:4433/signal',
  turn: 'turn:canary-turn.example',
  iceReason: '701 canary-ice 198.51.100.4',
  counter: 'canary.203.0.113.9',
  tab: 'CANARY-TAB',
  agent: 'Mozilla/5.0 (CANARY-AGENT) AppleWebKit HeadlessChrome/156.0.0.0',
  version: '1.0 CANARY-VERSION',
  cid: `blake3:${'c0ffee00'.repeat(8)}`,
  candidate: 'CANARY-CANDIDATE',
  link: 'CANARY-LINK',
};
const ANN = 'abcdef12'.repeat(8);
const BEN = '12345678'.repeat(8);
const NOW = Date.UTC(2026, 5, 1, 12, 30, 40);

const facts = (): ReportFacts => ({
  version: CANARIES.version,
  userAgent: CANARIES.agent,
  worker: 'shared',
  tab: CANARIES.tab,
  online: true,
  origin: 'https://canary.example',
  now: NOW,
  stats: {
    counters: { 'links.failed': 3, [CANARIES.counter]: 1, [`x.${ANN}`]: 2 },
    gauges: {},
    signal: { state: 'down', url: CANARIES.url, reason: CANARIES.reason, since: NOW, lastError: null },
    carrier: { tab: CANARIES.tab, tabs: 2 },
    transfers: [],
    build: CANARIES.version,
    peer: CANARIES.name,
  },
  network: {
    gossip: 'on',
    role: 'owner',
    banned: false,
    discovery: 'both',
    carrier: true,
    members: 2,
    signal: {
      state: 'down',
      url: CANARIES.url,
      reason: CANARIES.reason,
      since: NOW - 5_000,
      lastError: { at: NOW - 9_000, reason: CANARIES.reason },
    },
    room: { joined: false, others: 0, heard: 0 },
    rooms: { wanted: 1, joined: 0 },
    links: { up: 1, connecting: 0, most: 24 },
    open: [ANN],
    closed: [{ peer: BEN, why: 'paused' }],
    attempts: [
      { peer: BEN, stage: 'path', attempts: 2, reason: CANARIES.reason, at: NOW },
      { peer: ANN, stage: 'handshake', attempts: 1, reason: `goodbye: ${CANARIES.reason}`, at: NOW },
      { peer: BEN, stage: 'call', attempts: 1, reason: 'no answer to our call', at: NOW },
    ],
    ended: [{ peer: BEN, reason: `goodbye: full ${CANARIES.name}`, at: NOW }],
  },
  peers: [
    {
      peerId: ANN,
      name: CANARIES.name,
      fingerprint: ANN,
      role: 'member',
      state: 'linked',
      link: { id: CANARIES.link, since: NOW - 1000, sent: 10, received: 20, carrier: CANARIES.tab },
      rttMs: 12.4,
      lag: 3,
      lags: [{ author: BEN, entries: 3 }],
      sync: 'active',
      backfill: null,
      lastSync: NOW,
      source: 'gossip',
      liveness: 'alive',
      neighbour: true,
      groves: [CANARIES.grove],
      standing: null,
      reason: CANARIES.reason,
    },
  ],
  paths: new Map([
    [
      ANN,
      {
        ...{ link: CANARIES.link, local: CANARIES.candidate, remote: 'relay', protocol: CANARIES.candidate },
        ...{ rttMs: 3, relayed: true },
      },
    ],
  ]),
  edges: [{ from: ANN, to: BEN, push: 'eager', age: 5 }],
  stun: 1,
  turn: 1,
  ice: [{ url: CANARIES.turn, kind: 'turn', ok: false, ms: 40, at: NOW, reason: CANARIES.iceReason }],
  clockOff: 61_000,
  findings: [{ code: 'no-path', tone: 'bad', action: null, peers: [BEN], detail: CANARIES.reason }],
});

describe('O6: a report on links', () => {
  it('holds nothing that was put anywhere as a canary', () => {
    const text = reportOf(facts());
    for (const canary of Object.values(CANARIES)) expect(text).not.toContain(canary);
    expect(text.toLowerCase()).not.toContain('canary');
    expect(text).not.toMatch(/\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/);
    expect(text).not.toMatch(/[0-9a-f]{7,}/);
    expect(text).not.toContain('://');
  });

  it('holds what helps: states, stages and keys that are the same throughout', () => {
    const report = JSON.parse(reportOf(facts())) as Record<string, unknown>;
    expect(report).toMatchObject({
      made: '2026-06-01T12:30:00.000Z',
      browser: 'Chrome 156',
      worker: 'shared',
      tabs: { open: 2, links: 'this tab' },
      endpoint: { state: 'down', forSeconds: 5, ownOrigin: false, lastErrorSecondsAgo: 9 },
      servers: { tested: [{ kind: 'turn', ok: false, code: '701' }] },
      findings: [{ code: 'no-path', peers: ['123456'] }],
      peers: [{ key: 'abcdef', rttMs: 12, path: { relayed: true, local: 'unknown', remote: 'relay' } }],
      attempts: [
        { key: '123456', stage: 'path' },
        { key: 'abcdef', stage: 'handshake' },
        { reason: 'no answer to our call' },
      ],
      mesh: ['abcdef eager 123456'],
      counters: { 'links.failed': 3 },
    });
  });

  it('of words that are not this app’s it tells only how many they are', () => {
    expect(plainReason('goodbye: full')).toBe('goodbye: full');
    expect(plainReason('version: speaks 1-1, given 2-3')).toBe('version: speaks 1-1, given 2-3');
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (words) => {
        const told = plainReason(`${words} no answer to our call`);
        expect(told).toMatch(/^other words, \d+ characters$/);
      }),
    );
  });
});
