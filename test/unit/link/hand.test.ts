// R4: signaling carried by hand, as text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROOM, ROOM_KEY, createHub, idOf, keypairOf, printOf, sdpOf } from './hub.ts';
import type { Hub, Peer } from './hub.ts';
import { chooseCandidates, readText, writeText } from '../../../worker/core/link/hand-text.ts';
import type { Candidate } from '../../../worker/core/link/sdp.ts';
import { fromBase64Url, toBase64Url } from '../../../worker/core/model/bytes.ts';
import { nobleSignatures } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';

const HOUR = 3600_000;
const OTHER = { room: 'cd'.repeat(32), key: new Uint8Array(32).fill(7) };

/** Devices that share a grove and no endpoint. */
function apart(...names: string[]): { hub: Hub; a: Peer; b: Peer; c: Peer } {
  const hub = createHub();
  hub.onPosted = () => [];
  hub.onRelayed = () => [];
  const [a, b, c] = [...names, 'x', 'y', 'z'].map((name) => hub.peer(name)) as [Peer, Peer, Peer];
  for (const peer of [a, b, c]) {
    peer.give({ type: 'carrier', present: true });
    peer.machine.handle({ type: 'room-open', ...OTHER, want: 0 }, hub.now);
    peer.machine.handle({ type: 'room-open', room: ROOM, key: ROOM_KEY, want: 5 }, hub.now);
  }
  return { hub, a, b, c };
}

let requests = 0;
type Step = { type: 'hand-offer'; room: string } | { type: 'hand-answer' | 'hand-accept'; text: string };

/** Asks, waits for what has to gather, and gives what is told. */
function ask(hub: Hub, peer: Peer, step: Step) {
  const request = `r${(requests += 1)}`;
  peer.give({ ...step, request });
  hub.settle();
  hub.advance(2_500);
  const told = peer.outputs.filter((output) => 'request' in output && output.request === request);
  expect(told).toHaveLength(1);
  const [output] = told;
  if (output?.type !== 'hand-text' && output?.type !== 'hand-failed' && output?.type !== 'hand-accepted')
    throw new Error('told something');
  return output;
}
const offer = (hub: Hub, peer: Peer) => ask(hub, peer, { type: 'hand-offer', room: ROOM });
const answer = (hub: Hub, peer: Peer, text: string) => ask(hub, peer, { type: 'hand-answer', text });
const accept = (hub: Hub, peer: Peer, text: string) => ask(hub, peer, { type: 'hand-accept', text });
const textOf = (output: ReturnType<typeof ask>): string => {
  if (output.type !== 'hand-text') throw new Error(`no text but ${JSON.stringify(output)}`);
  return output.text;
};

describe('by hand', () => {
  it('R4, K4: an offer, its answer and its acceptance give a proven link, with source hand', () => {
    const { hub, a, b } = apart('a', 'b');
    const offered = offer(hub, a);
    expect(offered).toMatchObject({ type: 'hand-text', room: ROOM, peer: null });
    const answered = answer(hub, b, `  ${textOf(offered)}\n`);
    expect(answered).toMatchObject({ type: 'hand-text', room: ROOM, peer: idOf(a) });
    expect(accept(hub, a, textOf(answered))).toMatchObject({
      type: 'hand-accepted',
      peer: idOf(b),
      room: ROOM,
    });
    expect(a.ups()).toMatchObject([{ peer: idOf(b), source: 'hand', purpose: 'neighbour', rooms: [ROOM] }]);
    expect(b.ups()).toMatchObject([{ peer: idOf(a), source: 'hand' }]);
    expect(a.ups()[0]?.transcript).toEqual(b.ups()[0]?.transcript);
    hub.advance(60_000);
    expect(a.live()).toHaveLength(1);
  });

  it('R4: descriptions hold their candidates, and what is gathered goes into the text 2 s after the last', () => {
    const { hub, a, b } = apart('a', 'b');
    a.give({ type: 'hand-offer', request: 'r', room: ROOM });
    hub.settle();
    hub.advance(1_900);
    expect(a.outputs.some(({ type }) => type === 'hand-text')).toBe(false);
    hub.advance(200);
    const told = a.outputs.find((output) => output.type === 'hand-text');
    const room = { name: ROOM, key: ROOM_KEY };
    const read = readText(nobleSignatures, [room], 'offer', told?.type === 'hand-text' ? told.text : '');
    expect(read.ok && read.message.candidates).toHaveLength(1);
    const answered = answer(hub, b, told?.type === 'hand-text' ? told.text : '');
    accept(hub, a, textOf(answered));
    for (const { handed } of hub.connections.values()) expect(handed).toHaveLength(2);
  });

  it('R4: an answer is awaited for 24 h, by both sides, also while either slept', () => {
    const { hub, a, b } = apart('a', 'b');
    const offered = textOf(offer(hub, a));
    hub.advance(2 * HOUR);
    const answered = textOf(answer(hub, b, offered));
    hub.advance(20 * HOUR);
    hub.now += HOUR;
    expect(accept(hub, a, answered).type).toBe('hand-accepted');
    expect(b.live()).toHaveLength(1);
  });

  it('R4: an offer is good for a day, and for one more since clocks differ', () => {
    const { hub, a, b, c } = apart('a', 'b', 'c');
    const offered = textOf(offer(hub, a));
    hub.advance(47 * HOUR);
    expect(answer(hub, b, offered).type).toBe('hand-text');
    hub.advance(2 * HOUR);
    expect(answer(hub, c, offered)).toMatchObject({ type: 'hand-failed', code: 'expired' });
    hub.now -= 80 * HOUR;
    expect(answer(hub, c, offered)).toMatchObject({ type: 'hand-failed', code: 'invalid' });
    expect(a.machine.links()).toEqual([]);
  });

  it('R4: an offer is answered once by a device, and one answer is accepted', () => {
    const { hub, a, b, c } = apart('a', 'b', 'c');
    const offered = textOf(offer(hub, a));
    const first = textOf(answer(hub, b, offered));
    expect(answer(hub, b, offered)).toMatchObject({ code: 'used-up' });
    const second = textOf(answer(hub, c, offered));
    expect(accept(hub, a, first).type).toBe('hand-accepted');
    expect(accept(hub, a, second)).toMatchObject({ code: 'used-up' });
    expect(accept(hub, a, first)).toMatchObject({ code: 'used-up' });
    expect(a.live()).toHaveLength(1);
    expect(c.live()).toEqual([]);
  });

  it('R4: what is wrong with a text is said', () => {
    const { hub, a, b, c } = apart('a', 'b', 'c');
    const offered = textOf(offer(hub, a));
    const answered = textOf(answer(hub, b, offered));
    const code = (output: ReturnType<typeof ask>) =>
      output.type === 'hand-failed' ? output.code : output.type;
    expect(code(answer(hub, a, offered))).toBe('invalid');
    expect(code(answer(hub, c, answered))).toBe('invalid');
    expect(code(accept(hub, a, offered))).toBe('invalid');
    expect(code(answer(hub, c, ''))).toBe('invalid');
    expect(code(answer(hub, c, offered.slice(0, -7)))).toBe('not-found');
    expect(code(accept(hub, c, answered))).toBe('not-found');
    c.give({ type: 'room-close', room: ROOM });
    expect(code(answer(hub, c, offered))).toBe('not-found');
    expect(code(ask(hub, c, { type: 'hand-offer', room: ROOM }))).toBe('not-found');
    b.give({ type: 'carrier', present: false });
    expect(code(offer(hub, b))).toBe('offline');
    expect(code(accept(hub, a, answered))).toBe('hand-accepted');
  });

  it('R4: at most 4 offers and 4 answers wait; a newer one takes the place of the oldest', () => {
    const { hub, a, b } = apart('a', 'b');
    const texts = Array.from({ length: 6 }, () => textOf(offer(hub, a)));
    expect([...hub.connections.values()].filter(({ peer }) => peer === a)).toHaveLength(4);
    const answers = texts.map((text) => textOf(answer(hub, b, text)));
    // A peer has one attempt: the newest answer stands.
    expect(b.machine.links()).toHaveLength(1);
    expect(accept(hub, a, answers[0] ?? '')).toMatchObject({ code: 'not-found' });
    expect(accept(hub, a, answers[5] ?? '')).toMatchObject({ type: 'hand-accepted' });
    expect(a.live()).toHaveLength(1);
  });

  it('R4: who came by hand a moment ago is not closed to make place for the next', () => {
    const { hub, a } = apart('a');
    const came: Peer[] = [];
    for (let n = 0; n < 20; n += 1) {
      const peer = hub.peer(`p${n}`);
      peer.give({ type: 'carrier', present: true });
      peer.machine.handle({ type: 'room-open', room: ROOM, key: ROOM_KEY, want: 5 }, hub.now);
      came.push(peer);
      accept(hub, a, textOf(answer(hub, peer, textOf(offer(hub, a)))));
      // Each takes 7.5 s: the last three came within 30 s.
      for (const recent of came.slice(-3)) expect(recent.live()).toHaveLength(1);
    }
    expect(came.filter((peer) => peer.live().length > 0)).toHaveLength(8);
  });

  it('R4: a page that goes, or a browser that says nothing, is told to who waits for the text', () => {
    const { hub, a, b } = apart('a', 'b');
    a.give({ type: 'hand-offer', request: 'gone', room: ROOM });
    a.give({ type: 'carrier', present: false });
    expect(a.outputs).toContainEqual(expect.objectContaining({ request: 'gone', code: 'aborted' }));
    b.machine.handle({ type: 'hand-offer', request: 'mute', room: ROOM }, hub.now);
    hub.advance(11_000);
    expect(b.outputs).toContainEqual(expect.objectContaining({ request: 'mute', code: 'aborted' }));
    expect(b.machine.nextWake()).toBeNull();
  });

  it('R4, R3: an answer that waits holds up neither a call nor an announce', () => {
    const { hub, a, b } = apart('a', 'b');
    const answered = answer(hub, b, textOf(offer(hub, a)));
    expect(answered.type).toBe('hand-text');
    hub.onRelayed = (_from, to) => [to];
    b.give({ type: 'dial', room: ROOM, peer: idOf(a), purpose: 'neighbour', relay: true });
    hub.settle();
    expect(b.live()).toHaveLength(1);
    expect(b.ups()).toMatchObject([{ source: 'gossip' }]);
  });

  it('R4: the answering connection is told anew of the candidates every 8 s, and of none once it is open', () => {
    const { hub, a, b } = apart('a', 'b');
    const answered = textOf(answer(hub, b, textOf(offer(hub, a))));
    const [connection] = [...hub.connections.values()].filter(({ peer }) => peer === b);
    const handed = connection?.handed ?? [];
    expect(handed).toHaveLength(2);
    hub.advance(8_000);
    hub.advance(8_000);
    expect(handed).toHaveLength(6);
    expect(new Set(handed).size).toBe(6);
    expect(handed[2]).toContain('candidate:20001 a');
    expect(handed[3]).toMatch(/udp 1 203\.0\.113\.1 20001 typ host/);
    hub.advance(600_000);
    const before = handed.length;
    expect(accept(hub, a, answered).type).toBe('hand-accepted');
    hub.advance(60_000);
    expect(handed).toHaveLength(before);
    expect(b.live()).toHaveLength(1);
  });

  it('R4, K4: a member that swaps the description for its own under its own name is no other peer', () => {
    const { hub, a, b } = apart('a', 'b');
    const offered = textOf(offer(hub, a));
    const room = { name: ROOM, key: ROOM_KEY };
    const read = readText(nobleSignatures, [room], 'offer', offered);
    if (!read.ok || read.message.kind !== 'offer') throw new Error('reads');
    const forged = writeText(nobleSignatures, keypairOf('mallory'), room, createSeededRandom(1), {
      ...read.message,
      sdp: sdpOf('mallory/L1', printOf('mallory')),
    }).text;
    const answered = answer(hub, b, forged);
    expect(answered).toMatchObject({ type: 'hand-text', peer: keypairOf('mallory').id });
    expect(accept(hub, a, textOf(answered))).toMatchObject({ code: 'corrupt' });
  });
});

describe('the text', () => {
  const room = { name: ROOM, key: ROOM_KEY };
  const candidate = (n: number, type: string, protocol = 'udp'): Candidate => ({
    candidate: `candidate:${n} 1 ${protocol} 2113937151 192.168.100.${n} 5${n}123 typ ${type} generation 0 ufrag abcd network-cost 999`,
    sdpMid: '0',
    sdpMLineIndex: 0,
  });

  it('R4: arbitrary and altered texts are refused without a throw', () => {
    const random = createSeededRandom(5);
    const { text } = writeText(nobleSignatures, keypairOf('a'), room, random, {
      kind: 'offer',
      session: random.bytes(16),
      expires: 1,
      sdp: sdpOf('a', printOf('a')),
      candidates: [],
    });
    expect(readText(nobleSignatures, [room], 'offer', text).ok).toBe(true);
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(255), (any, at, byte) => {
        expect(readText(nobleSignatures, [room], 'offer', any).ok).toBe(false);
        expect(readText(nobleSignatures, [room], 'offer', `thicket-offer:${any}`).ok).toBe(false);
        const sealed = fromBase64Url(text.slice('thicket-offer:'.length)) ?? new Uint8Array();
        const place = at % sealed.length;
        if (sealed[place] === byte) return;
        sealed[place] = byte;
        const altered = `thicket-offer:${toBase64Url(sealed)}`;
        expect(readText(nobleSignatures, [room], 'offer', altered)).toEqual({ ok: false, why: 'room' });
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('R4: of many candidates 8 are kept that can lead anywhere; the text then fits a QR code', () => {
    const many = [
      ...Array.from({ length: 9 }, (_, n) => candidate(n, 'host')),
      candidate(20, 'host', 'tcp'),
      candidate(30, 'srflx raddr 0.0.0.0 rport 0'),
      candidate(31, 'relay raddr 203.0.113.77 rport 61234'),
      { candidate: '', sdpMid: null, sdpMLineIndex: null },
    ];
    const kept = chooseCandidates(many);
    expect(kept).toHaveLength(8);
    expect(kept.map((each) => / typ (\w+)/.exec(each.candidate)?.[1])).toEqual([
      ...Array.from({ length: 6 }, () => 'host'),
      'srflx',
      'relay',
    ]);
    const random = createSeededRandom(6);
    const { text } = writeText(nobleSignatures, keypairOf('a'), room, random, {
      kind: 'answer',
      session: random.bytes(16),
      to: keypairOf('b').id,
      offerHash: random.bytes(32),
      sdp: CHROMIUM,
      candidates: kept,
    });
    expect(text.length).toBeLessThan(2_900);
  });
});

/** As Chromium 140 describes one data channel. */
const CHROMIUM = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:Jx8K',
  'a=ice-pwd:cOGvJzYGEbu1DEwXkAgYh2nB',
  'a=ice-options:trickle',
  `a=fingerprint:${printOf('chromium')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
  '',
].join('\r\n');
