// What the page of peers follows of the network: rates and ways by peer, tests when asked for, and nothing while nobody looks.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkState, type NetworkPorts } from '../../../src/state/network.svelte.ts';
import type { NetworkInfo, PeerInfo, Settings, Stats } from '../../../worker/rpc/api.ts';
import { fakePeer, settle } from './fake-peer.ts';

const GROVE = 'a'.repeat(64);
const NETWORK: NetworkInfo = {
  ...{ gossip: 'on', role: 'member', banned: false, discovery: 'both', carrier: true, members: 2 },
  signal: { state: 'up', url: null, reason: null, since: 0, lastError: null },
  room: { joined: true, others: 1, heard: 1 },
  rooms: { wanted: 1, joined: 1 },
  links: { up: 1, connecting: 0, most: 24 },
  ...{ open: ['ann'], closed: [], attempts: [], ended: [] },
};
const peer = (sent: number): PeerInfo => ({
  ...{ peerId: 'ann', name: 'Ann', fingerprint: '', role: 'member', state: 'linked', rttMs: null },
  link: { id: 'L1', since: 1, sent, received: 0, carrier: '' },
  ...{ lag: 0, lags: [], sync: 'active', backfill: null, lastSync: null, source: null },
  ...{ liveness: 'alive', neighbour: true, groves: [], standing: null },
});
const STATS: Stats = {
  ...{ counters: {}, gauges: {}, signal: NETWORK.signal, transfers: [], build: '', peer: '' },
  carrier: { tab: null, tabs: 1 },
};
const SETTINGS: Settings = {
  ...{ endpoints: [], discovery: 'both', relayOnly: false, budget: null },
  iceServers: [{ urls: ['stun:a', 'turn:b'] }],
};

function open(change: Partial<NetworkPorts> = {}) {
  let sent = 0;
  let asked = 0;
  const peerOf = fakePeer({
    network: () => Promise.resolve(NETWORK),
    stats: () => Promise.resolve(STATS),
    peers() {
      asked += 1;
      sent += 4_000;
      return Promise.resolve([peer(sent)]);
    },
    paths: () => Promise.resolve([{ link: 'L1', local: 'relay', remote: 'host', protocol: 'udp', rttMs: 3 }]),
    settings: () => Promise.resolve(SETTINGS),
  });
  const state = new NetworkState(peerOf.thicket, GROVE, {
    isSeen: () => true,
    isOnline: () => true,
    now: () => Date.now(),
    testIce: (_, url) =>
      Promise.resolve({ url, kind: 'stun', ok: url === 'stun:a', ms: 1, at: 1, reason: null }),
    serverTime: () => Promise.resolve(Date.now() - 5_000),
    ...change,
  });
  return { state, peer: peerOf, asked: () => asked };
}

describe('the network as the page of peers follows it', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('O3: tells the rate of each link, and the way its packets take', async () => {
    const { state } = open();
    await settle();
    expect(state.rates.size).toBe(0);
    expect(state.paths.get('ann')).toMatchObject({ relayed: true });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(state.rates.get('ann')).toEqual({ out: 2_000, in: 0 });
    state.close();
  });

  it('asks nothing while the page is not seen, nor once it is closed', async () => {
    let seen = false;
    const { state, peer: peerOf, asked } = open({ isSeen: () => seen });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked()).toBe(0);
    seen = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked()).toBe(1);
    state.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked()).toBe(1);
    expect(peerOf.listening()).toBe(0);
  });

  it('O5: tests every server that is set, and the clock; what is dead is among the findings', async () => {
    const { state } = open();
    await settle();
    expect(state.servers).toEqual({ stun: 1, turn: 1 });
    expect(state.findings?.map(({ code }) => code)).toEqual(['linked']);
    await state.test();
    expect(state.ice.map(({ url }) => url).sort()).toEqual(['stun:a', 'turn:b']);
    expect(state.clockOff).toBe(5_000);
    expect(state.testing).toBe(false);
    expect(state.findings?.map(({ code }) => code)).toEqual(['linked', 'ice-dead']);
    state.close();
  });
});
