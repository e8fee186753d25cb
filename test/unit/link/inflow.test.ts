// What a link may bring (SPEC K10), and that links with who did too much are refused for a while (P11).
import { describe, expect, it } from 'vitest';
import { encode } from '../../../worker/core/wire/cbor.ts';
import { encodeFrame, frameTypeOf, type Frame } from '../../../worker/core/wire/frame.ts';
import { LINK_CONFIG } from '../../../worker/core/link/config.ts';
import { createInflow } from '../../../worker/core/link/inflow.ts';
import type { LinkId } from '../../../worker/core/model/ids.ts';
import { aGroveId, aHash, check } from '../model/fixtures.ts';
import { anyFrame } from '../wire/frames.ts';
import { createHub, idOf, type Hub, type Peer } from './hub.ts';

const { rates, flood } = LINK_CONFIG.inflow;
const grove = aGroveId('grove');
const bytesOf = (frame: Frame): Uint8Array => encodeFrame(frame);
const PING = bytesOf({ type: 'ping', n: 1 });
const IHAVE = bytesOf({ type: 'ihave', grove, rows: [] });
const PRUNE = bytesOf({ type: 'prune', grove });
const WANT = bytesOf({ type: 'want-body', grove, hashes: [] });
const BLOCK = bytesOf({ type: 'block', block: aHash('block'), bytes: new Uint8Array(8) });

/** How many of so many are taken, sent evenly over the ms. */
function taken(inflow: ReturnType<typeof createInflow>, frame: Uint8Array, count: number, ms = 0, from = 0) {
  let sum = 0;
  for (let n = 0; n < count; n++) if (inflow.take(frame, from + (ms * n) / count) === 'take') sum += 1;
  return sum;
}

describe('inflow', () => {
  it('K10: a frame’s type is known by its first bytes, of all types that there are', () => {
    check(anyFrame, (frame) => {
      expect(frameTypeOf(encodeFrame(frame))).toBe(frame.type);
    });
    for (const bytes of [[], [0x82], [0x82, 0x18], [0x81, 0x00], [0x81, 0x1f]].map(
      (each) => new Uint8Array(each),
    ))
      expect(frameTypeOf(bytes)).toBe(null);
  });

  it.each([
    ['seldom', PING],
    ['gossip', IHAVE],
    ['asks', WANT],
    ['answers', BLOCK],
  ] as const)('K10: of what is %s so many are taken at once, and so many a second', (name, frame) => {
    const { burst, perSecond } = rates[name];
    const inflow = createInflow(LINK_CONFIG.inflow);
    expect(taken(inflow, frame, 2 * burst)).toBe(burst);
    const later = taken(inflow, frame, 10 * perSecond, 1_000, 1);
    expect(Math.abs(later - perSecond)).toBeLessThanOrEqual(1 + perSecond / 1_000);
  });

  it('K10: too much of one type of gossip leaves the others as they are; unknown types share one bucket', () => {
    const inflow = createInflow(LINK_CONFIG.inflow);
    taken(inflow, IHAVE, 5_000);
    expect(taken(inflow, PRUNE, 10)).toBe(10);
    let strange = 0;
    for (let n = 0; n < 5_000; n++) if (inflow.take(encode([200 + (n % 50)]), 0) === 'take') strange += 1;
    expect(strange).toBe(rates.gossip.burst);
  });

  it('K10: it is a flood each time that so many were dropped within 10 s, and none where they were spread out', () => {
    const inflow = createInflow(LINK_CONFIG.inflow);
    taken(inflow, PING, rates.seldom.burst);
    const told = Array.from({ length: 2 * flood.frames }, () => inflow.take(PING, 0));
    expect(told.filter((each) => each === 'flood')).toHaveLength(2);
    const slow = createInflow(LINK_CONFIG.inflow);
    const spread = flood.within / (flood.frames - 10);
    for (let n = 0; n < 5_000; n++) expect(slow.take(PING, n * spread)).not.toBe('flood');
  });
});

function pair(): { hub: Hub; a: Peer; b: Peer; link: LinkId } {
  const hub = createHub();
  const [a, b] = [hub.peer('a'), hub.peer('b')];
  hub.enter(a);
  hub.enter(b);
  return { hub, a, b, link: a.machine.links()[0]?.link ?? ('none' as LinkId) };
}
const blamesOf = (peer: Peer): string[] =>
  peer.outputs.flatMap((output) => (output.type === 'blame' ? [output.deed] : []));

describe('an open link', () => {
  it('K10, P11: what is too much is not decoded, answered or handed on, and who sends it is told of', () => {
    const { a, link } = pair();
    const before = a.outputs.length;
    // One came as the link did.
    const [{ frames }, taken] = [flood, rates.seldom.burst - 1];
    for (let n = 0; n < taken + frames - 1; n++) a.give({ type: 'link-frame', link, frame: PING });
    const pongs = a.outputs.slice(before).filter(({ type }) => type === 'link-send');
    expect(pongs).toHaveLength(taken);
    expect(a.counted('frames.flooded')).toBe(frames - 1);
    expect(a.live()).toEqual([link]);
    expect(blamesOf(a)).toEqual([]);
    for (let n = 0; n < 3_000; n++) a.give({ type: 'link-frame', link, frame: PING });
    expect(blamesOf(a)).toEqual(['flood']);
    expect(a.live()).toEqual([]);
  });

  it('P11: bytes that are no frames are held against who goes on sending them, and end the link', () => {
    const { a, link } = pair();
    for (let n = 0; n <= LINK_CONFIG.maxGarbled; n++)
      a.give({ type: 'link-frame', link, frame: new Uint8Array([1, 2, 3]) });
    expect(blamesOf(a)).toEqual(['garbled']);
    expect(a.live()).toEqual([]);
  });

  it('P11: whoever is refused loses its link, and gets none by announce, call or offer until the time is over', () => {
    const { hub, a, b } = pair();
    a.give({ type: 'refuse', peer: b.keypair.id, left: 600_000 });
    hub.settle();
    expect(a.downs()).toMatchObject([{ peer: b.keypair.id, how: 'closed' }]);
    hub.advance(590_000);
    b.give({ type: 'dial', room: 'ab'.repeat(32), peer: a.keypair.id, purpose: 'neighbour', relay: false });
    hub.advance(9_000);
    expect(a.ups()).toHaveLength(1);
    const dialled = a.give({
      ...{ type: 'dial', room: 'ab'.repeat(32), peer: idOf(b), purpose: 'neighbour', relay: false },
    } as const);
    expect(dialled).toMatchObject([
      { type: 'dial-failed', reason: expect.stringContaining('refused') as string },
    ]);
    hub.advance(200_000);
    expect(a.ups().length).toBeGreaterThan(1);
  });

  it('P11: forgiven, it is linked again; that attempts are forgotten forgives nothing', () => {
    const { hub, a, b } = pair();
    a.give({ type: 'refuse', peer: b.keypair.id, left: 86_400_000 });
    a.give({ type: 'forgive', peer: b.keypair.id });
    hub.advance(180_000);
    expect(a.ups()).toHaveLength(1);
    a.give({ type: 'refuse', peer: b.keypair.id, left: 0 });
    hub.advance(180_000);
    expect(a.ups()).toHaveLength(2);
  });

  it('P11: others are linked meanwhile', () => {
    const { hub, a, b } = pair();
    const c = hub.peer('c');
    a.give({ type: 'refuse', peer: b.keypair.id, left: 600_000 });
    hub.enter(c);
    hub.advance(60_000);
    expect(c.ups().map(({ peer }) => peer)).toContain(a.keypair.id);
  });
});
