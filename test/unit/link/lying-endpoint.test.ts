// An endpoint that does all it can at once, a thousand times by chance: it changes, swaps, replays, reorders, delays and
// introduces, and half the time it sits in the middle of the channels as well.
import { expect, it } from 'vitest';
import { createSimSignatures } from '../../sim/ports/signatures.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { createSeededRandom, type SeededRandom } from '../../../worker/core/model/random.ts';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';
import type { LinkId } from '../../../worker/core/model/ids.ts';
import { createHub, idOf, printOf } from './hub.ts';
import type { Hub, Peer, Posted } from './hub.ts';

const TRIES = 1_000;
const signatures = createSimSignatures();

/** What the endpoint does with each message: mostly several at once. Says how often it did something. */
function lie(hub: Hub, draw: SeededRandom, names: readonly string[]): () => number {
  const held: Posted[] = [];
  const any = <T>(from: readonly T[]): T => from[draw.int(from.length)] as T;
  let lies = 0;
  hub.onPosted = (message) => {
    held.push(message);
    if (held.length > 40) held.splice(draw.int(held.length), 1);
    const deeds: (() => Posted[])[] = [
      () => {
        const payload = message.payload.slice();
        const at = draw.int(payload.length);
        payload[at] = (payload[at] ?? 0) ^ (1 + draw.int(255));
        return [{ ...message, payload }];
      },
      // The payload of another message under this one's sender, and the other way round.
      () => {
        const other = any(held);
        return [
          { ...message, payload: other.payload },
          { ...other, payload: message.payload },
        ];
      },
      () => [message, { ...any(held), to: null }],
      () => [],
      () => held.splice(draw.int(held.length), 1),
      () => [{ ...message, from: any(names) }],
      () => [{ ...message, to: any(names) }, message],
      () => [message, { ...any(held), from: `nobody ${draw.int(9)}` }],
    ];
    if (draw.int(3) === 0) return [message];
    lies += 1;
    return any(deeds)();
  };
  return () => lies;
}

/** Whatever was said on a channel before its other end was proven: nothing but these. */
const OPENING = new Set(['hello', 'proof', 'bye']);

function attempt(seed: number): { lies: number; linkedAmid: boolean } {
  const draw = createSeededRandom(seed);
  const hub = createHub(signatures);
  const [a, b] = [hub.peer('a'), hub.peer('b')];
  // The endpoint's own device: it is in the room, and doesn't know the room's key.
  const own = hub.peer('endpoint');
  const middle = draw.int(2) === 0;
  if (middle) hub.onPrint = (of) => printOf(`middle of ${of.peer.name}`);
  const frames: Uint8Array[] = [];
  hub.onFrame = (_from, frame) => {
    frames.push(frame);
    if (!middle) return [frame];
    const other = frames[draw.int(frames.length)] as Uint8Array;
    return [[frame], [other], [frame, other], []][draw.int(4)] as Uint8Array[];
  };
  const lies = lie(hub, draw, ['a', 'b', 'endpoint']);
  hub.enter(own, { key: hash32(utf8('guessed')) });
  hub.enter(a);
  hub.enter(b);
  hub.advance(30_000);
  const linkedAmid = a.live().length > 0;
  if (middle) expect(linkedAmid).toBe(false);
  judge(a, b, own);
  // That they find each other once it stops is so much slower that a part of the tries shows it.
  if (seed % 20 > 0) return { lies: lies(), linkedAmid };

  hub.onPosted = (message) => [message];
  hub.onFrame = (_from, frame) => [frame];
  hub.onPrint = (_of, other) => other.print;
  hub.advance(180_000);
  expect([a.live().length, b.live().length], `linked once it stops, seed ${seed}`).toEqual([1, 1]);
  judge(a, b, own);
  return { lies: lies(), linkedAmid };
}

function judge(a: Peer, b: Peer, own: Peer): void {
  for (const [peer, other] of [
    [a, b],
    [b, a],
  ] as const) {
    for (const up of peer.ups()) expect(up.peer).toBe(idOf(other));
    const proven = new Set<LinkId>();
    for (const output of peer.outputs) {
      if (output.type === 'up') proven.add(output.link);
      if (output.type !== 'link-send' || proven.has(output.link)) continue;
      const decoded = decodeFrame(output.frame);
      expect(OPENING).toContain(decoded.ok ? decoded.value.type : 'garbled');
    }
  }
  expect(own.ups()).toEqual([]);
  expect(own.outputs.filter(({ type }) => type === 'link-send')).toEqual([]);
}

it(`K1-K4: an endpoint that swaps, replays, reorders, delays and introduces gets no link with a wrong key and no word of the application, in ${TRIES} tries`, () => {
  let [lies, linked] = [0, 0];
  for (let seed = 0; seed < TRIES; seed++) {
    const tried = attempt(seed);
    lies += tried.lies;
    linked += tried.linkedAmid ? 1 : 0;
  }
  // It lied all along, and yet those whom it couldn't keep apart found each other.
  expect(lies).toBeGreaterThan(10 * TRIES);
  expect(linked).toBeGreaterThan(0);
}, 300_000);
