import { describe, expect, it } from 'vitest';
import { createPortLinks } from '../../worker/adapters/links-port.ts';
import { LEAST_WAITING } from '../../worker/rpc/config.ts';
import type { LinkId } from '../../worker/core/model/ids.ts';
import type { LinkEvent } from '../../worker/core/ports.ts';
import type { ToCarrier } from '../../worker/rpc/protocol.ts';
import { settle } from './rpc/fakes.ts';

const KIB = 1024;
const link = 'l1' as LinkId;

function setUp() {
  const events: LinkEvent[] = [];
  const posted: ToCarrier[] = [];
  const links = createPortLinks({ onEvent: (event) => events.push(event) });
  const carry = (): void => links.setCarrier((message) => posted.push(message));
  const sizes = (lane: string): number[] =>
    posted.flatMap((message) =>
      message.type === 'link-send' && message.lane === lane ? [message.frame.byteLength] : [],
    );
  return { links, events, posted, carry, sizes };
}

describe('links over a page', () => {
  it('K7: without a page an open is answered by closed, after the call', async () => {
    const { links, events } = setUp();
    links.open(link, { initiator: true });
    expect(events).toEqual([]);
    await settle();
    expect(events).toEqual([{ type: 'link-closed', link, reason: 'no page carries links' }]);
  });

  it('K7: opens carry the configured ICE servers, signals and events pass through', async () => {
    const { links, events, posted, carry } = setUp();
    carry();
    links.setIce({ iceServers: [{ urls: ['stun:example.org'] }], relayOnly: false });
    links.open(link, { initiator: true });
    links.signal(link, '{}');
    links.receive({ type: 'link-signal', link, data: 'offer' });
    links.receive({ type: 'link-open', link, local: 'sha-256 AA', remote: 'sha-256 BB' });
    await settle();
    expect(posted).toEqual([
      {
        type: 'link-open',
        link,
        initiator: true,
        iceServers: [{ urls: ['stun:example.org'] }],
        relayOnly: false,
      },
      { type: 'link-signal', link, data: '{}' },
    ]);
    expect(events).toEqual([
      { type: 'link-signal', link, data: 'offer' },
      { type: 'link-open', link, local: 'sha-256 AA', remote: 'sha-256 BB' },
      { type: 'carrier', present: true },
    ]);
  });

  it('K9: once only relays may be used, links made before are closed, and the next ones are told so', () => {
    const { links, posted, carry } = setUp();
    const turn = [{ urls: ['turn:example.org'] }];
    carry();
    links.setIce({ iceServers: [], relayOnly: false });
    links.open(link, { initiator: true });
    links.setIce({ iceServers: turn, relayOnly: false });
    expect(posted.map(({ type }) => type)).toEqual(['link-open']);
    links.setIce({ iceServers: turn, relayOnly: true });
    expect(posted.at(-1)).toMatchObject({ type: 'link-close', link });
    const next = 'l2' as LinkId;
    links.open(next, { initiator: true });
    expect(posted.at(-1)).toEqual({
      type: 'link-open',
      link: next,
      initiator: true,
      iceServers: turn,
      relayOnly: true,
    });
    const before = posted.length;
    links.setIce({ iceServers: turn, relayOnly: true });
    expect(posted).toHaveLength(before);
  });

  it('K7: bulk is posted against 256 KiB of credit, control passes by', () => {
    const { links, events, carry, sizes } = setUp();
    carry();
    links.open(link, { initiator: true });
    for (let i = 0; i < 6; i++) links.send(link, new Uint8Array(100 * KIB), 'bulk');
    links.send(link, new Uint8Array(10), 'control');
    expect(sizes('bulk')).toEqual([100 * KIB, 100 * KIB]);
    expect(sizes('control')).toEqual([10]);
    links.receive({ type: 'link-credit', link, bytes: 100 * KIB });
    expect(sizes('bulk')).toHaveLength(3);
    expect(events).toEqual([{ type: 'link-drained', link, bytes: 100 * KIB }]);
  });

  it('K7: credit that was never lent is not accepted', () => {
    const { links, events, carry } = setUp();
    carry();
    links.open(link, { initiator: true });
    links.send(link, new Uint8Array(10), 'bulk');
    links.receive({ type: 'link-credit', link, bytes: 1_000_000 });
    expect(events).toEqual([{ type: 'link-drained', link, bytes: 10 }]);
  });

  it('K7: a frame of the largest size passes even so', () => {
    const { links, carry, sizes } = setUp();
    carry();
    links.open(link, { initiator: true });
    links.send(link, new Uint8Array(256 * KIB), 'bulk');
    expect(sizes('bulk')).toEqual([256 * KIB]);
    expect(() => links.send(link, new Uint8Array(256 * KIB + 1), 'bulk')).toThrow(RangeError);
  });

  it('K7: a frame that fills its buffer goes as it is, and is gone here', () => {
    const { links, posted, carry } = setUp();
    carry();
    links.open(link, { initiator: true });
    const frame = new Uint8Array([1, 2, 3]);
    links.send(link, frame, 'control');
    expect(posted.flatMap((message) => (message.type === 'link-send' ? [message.frame] : []))).toEqual([
      frame.buffer,
    ]);
  });

  it('K7: of a frame that is part of a buffer no more goes than the frame', () => {
    const { links, posted, carry } = setUp();
    carry();
    const other = 'l2' as LinkId;
    links.open(link, { initiator: true });
    links.open(other, { initiator: true });
    const frame = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    links.send(link, frame, 'control');
    links.send(other, frame, 'control');
    const frames = posted.flatMap((message) =>
      message.type === 'link-send' ? [[...new Uint8Array(message.frame)]] : [],
    );
    expect(frames).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  it('K7: inbound frames are acknowledged once they were taken, half a mebibyte at a time', () => {
    const { links, events, posted, carry } = setUp();
    carry();
    links.open(link, { initiator: false });
    const acknowledged = (): unknown[] => posted.filter(({ type }) => type === 'link-ack');
    links.receive({ type: 'link-frame', link, frame: new Uint8Array([7]).buffer });
    expect(events).toEqual([{ type: 'link-frame', link, frame: new Uint8Array([7]) }]);
    for (let i = 0; i < 4; i++) {
      expect(acknowledged()).toEqual([]);
      links.receive({ type: 'link-frame', link, frame: new ArrayBuffer(128 * KIB) });
    }
    expect(acknowledged()).toEqual([{ type: 'link-ack', link, bytes: 512 * KIB + LEAST_WAITING }]);
    for (let i = 0; i < 4; i++)
      links.receive({ type: 'link-frame', link, frame: new ArrayBuffer(128 * KIB) });
    expect(acknowledged()).toHaveLength(2);
  });

  it('K7: when the page is gone carrier tells it, then every link closes, then the next page may host', async () => {
    const { links, events, carry, posted } = setUp();
    carry();
    links.open(link, { initiator: true });
    links.open('l2' as LinkId, { initiator: false });
    await settle();
    events.length = 0;
    links.setCarrier(null);
    carry();
    await settle();
    expect(events.map((event) => event.type)).toEqual(['carrier', 'link-closed', 'link-closed', 'carrier']);
    expect(events.at(-1)).toEqual({ type: 'carrier', present: true });
    const before = posted.length;
    links.send(link, new Uint8Array(1), 'control');
    expect(posted).toHaveLength(before);
  });

  it('K7: close drops the bulk that waits and is followed by one closed', async () => {
    const { links, events, posted, carry, sizes } = setUp();
    carry();
    links.open(link, { initiator: true });
    for (let i = 0; i < 3; i++) links.send(link, new Uint8Array(200 * KIB), 'bulk');
    links.close(link, 'done');
    links.close(link, 'again');
    links.receive({ type: 'link-credit', link, bytes: 200 * KIB });
    expect(sizes('bulk')).toHaveLength(1);
    expect(posted.filter((message) => message.type === 'link-close')).toEqual([
      { type: 'link-close', link, reason: 'done' },
    ]);
    links.receive({ type: 'link-closed', link, reason: 'done' });
    links.receive({ type: 'link-closed', link, reason: 'twice' });
    await settle();
    expect(events.filter((event) => event.type === 'link-closed')).toEqual([
      { type: 'link-closed', link, reason: 'done' },
    ]);
  });

  it('K7: a link whose other side takes nothing is closed before the queue fills the memory', () => {
    const { links, posted, carry } = setUp();
    carry();
    links.open(link, { initiator: true });
    for (let i = 0; i < 200; i++) links.send(link, new Uint8Array(256 * KIB), 'bulk');
    expect(posted.at(-1)).toEqual({ type: 'link-close', link, reason: 'the other side takes nothing' });
  });
});
