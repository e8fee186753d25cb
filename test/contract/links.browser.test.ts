// The whole way of a frame in a real browser: two workers' adapters, two pages' hosts, simple-peer between them.
import { afterEach, describe, expect, it } from 'vitest';
import { createChannel } from '../../src/links/channel.ts';
import { createLinkHost } from '../../src/links/host.ts';
import type { LinkHost } from '../../src/links/host.ts';
import { createPortLinks } from '../../worker/adapters/links-port.ts';
import type { PortLinks } from '../../worker/adapters/links-port.ts';
import type { LinkId } from '../../worker/core/model/ids.ts';
import type { LinkEvent } from '../../worker/core/ports.ts';
import { parseFromPage, isFromCarrier } from '../../worker/rpc/from-page.ts';
import type { ToCarrier } from '../../worker/rpc/protocol.ts';
import { waitUntil } from './wait.ts';

const KIB = 1024;
const link = 'link-1' as LinkId;

interface Side {
  links: PortLinks;
  host: LinkHost;
  events: LinkEvent[];
  frames: Uint8Array[];
  drained: number;
  opened: Extract<LinkEvent, { type: 'link-open' }> | undefined;
  closed: string | undefined;
}

const sides: Side[] = [];
afterEach(() => {
  for (const side of sides.splice(0)) side.host.close();
});

/** One peer: the worker's adapter and the page's host, joined by a real MessageChannel. */
function createSide(onSignal: (data: string) => void): Side {
  const { port1: page, port2: worker } = new MessageChannel();
  const host = createLinkHost({
    post: (message, transfer = []) => page.postMessage(message, transfer),
    createChannel,
  });
  const links = createPortLinks({
    onEvent(event) {
      side.events.push(event);
      if (event.type === 'link-signal') onSignal(event.data);
      if (event.type === 'link-frame') side.frames.push(event.frame);
      if (event.type === 'link-drained') side.drained += event.bytes;
      if (event.type === 'link-open') side.opened = event;
      if (event.type === 'link-closed') side.closed = event.reason;
    },
  });
  const side: Side = {
    links,
    host,
    events: [],
    frames: [],
    drained: 0,
    opened: undefined,
    closed: undefined,
  };
  page.onmessage = ({ data }: MessageEvent<ToCarrier>) => host.handle(data);
  worker.onmessage = ({ data }: MessageEvent<unknown>) => {
    const message = parseFromPage(data);
    if (message && isFromCarrier(message) && message.type !== 'link-paths') links.receive(message);
  };
  host.handle({ type: 'carry', on: true });
  links.setCarrier((message, transfer = []) => worker.postMessage(message, transfer));
  sides.push(side);
  return side;
}

function createPair(tamper: (data: string) => string = (data) => data): [Side, Side] {
  const first: Side = createSide((data) => second.links.signal(link, tamper(data)));
  const second: Side = createSide((data) => first.links.signal(link, tamper(data)));
  first.links.open(link, { initiator: true });
  second.links.open(link, { initiator: false });
  return [first, second];
}

async function connect(): Promise<[Side, Side]> {
  const pair = createPair();
  await waitUntil(() => pair.every((side) => side.opened !== undefined));
  return pair;
}

const numbered = (n: number, size: number): Uint8Array => {
  const frame = new Uint8Array(size);
  new DataView(frame.buffer).setUint32(0, n);
  return frame;
};
const number = (frame: Uint8Array): number => new DataView(frame.buffer).getUint32(0);

describe('links in a real browser', () => {
  it('K4: each side tells its own fingerprint as local and the other one as remote', async () => {
    const [first, second] = await connect();
    expect(first.opened?.local).toMatch(/^sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(first.opened?.local).toBe(second.opened?.remote);
    expect(first.opened?.remote).toBe(second.opened?.local);
    expect(first.opened?.local).not.toBe(first.opened?.remote);
  });

  it('K4: a fingerprint that was swapped on the way yields no link', async () => {
    const [first, second] = createPair((data) =>
      data.replaceAll(
        /(fingerprint:sha-256 )([0-9A-F]{2})/g,
        (_whole, label: string, byte: string) => `${label}${byte === '00' ? 'FF' : '00'}`,
      ),
    );
    await waitUntil(() => first.closed !== undefined && second.closed !== undefined, 40_000);
    expect([first.opened, second.opened]).toEqual([undefined, undefined]);
  }, 60_000);

  it('K7: frames sent as soon as the link is open arrive whole and in order, up to 256 KiB', async () => {
    const [first, second] = createPair();
    await waitUntil(() => first.opened !== undefined);
    const sizes = [4, 1000, 64 * KIB, 256 * KIB];
    for (const [i, size] of sizes.entries()) first.links.send(link, numbered(i, size), 'control');
    await waitUntil(() => second.frames.length === sizes.length);
    expect(second.frames.map((frame) => frame.byteLength)).toEqual(sizes);
    expect(second.frames.map(number)).toEqual([0, 1, 2, 3]);
  });

  it('K7: 32 MiB of bulk flow to the end, control overtakes them, and the bytes are on its candidate pairs', async () => {
    const [first, second] = await connect();
    const count = 512;
    let next = 0;
    const feed = (): void => {
      // As a sender does: no more than 512 KiB handed out and not yet drained.
      while (next < count && next * 64 * KIB - first.drained < 512 * KIB) {
        first.links.send(link, numbered(next++, 64 * KIB), 'bulk');
      }
    };
    feed();
    first.links.send(link, numbered(999_999, 100), 'control');
    const feeding = setInterval(feed, 1);
    await waitUntil(() => second.frames.length === count + 1, 60_000);
    clearInterval(feeding);
    expect(second.frames.map(number).indexOf(999_999)).toBeLessThan(8);
    expect(second.frames.map(number).filter((n) => n !== 999_999)).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
    await waitUntil(() => first.drained === count * 64 * KIB);
    // The browser renews its statistics every so often only.
    await expect
      .poll(async () => (await first.host.inspect())[0]?.bytesSent, { timeout: 10_000 })
      .toBeGreaterThan(count * 64 * KIB);
    expect(second.closed).toBe(undefined);
  }, 90_000);

  it('K7: what was sent as control before a close still arrives', async () => {
    const [first, second] = await connect();
    for (let i = 0; i < 10; i++) first.links.send(link, numbered(i, 16 * KIB), 'control');
    first.links.close(link, 'done');
    await waitUntil(() => first.closed !== undefined && second.closed !== undefined);
    expect(second.frames.map(number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(first.closed).toBe('done');
  });

  it('K7: a page that goes closes its links on both sides', async () => {
    const [first, second] = await connect();
    first.host.close();
    await waitUntil(() => first.closed !== undefined && second.closed !== undefined);
    expect(await first.host.inspect()).toEqual([]);
  });

  it('K6: a path that is gone for 2 s is looked for anew by the offerer, and the same channel goes on', async () => {
    const connections = new Set<RTCPeerConnection>();
    const { restartIce } = RTCPeerConnection.prototype;
    const { createDataChannel } = RTCPeerConnection.prototype;
    const offers: string[] = [];
    const answers: string[] = [];
    RTCPeerConnection.prototype.createDataChannel = function (...given) {
      connections.add(this);
      return createDataChannel.apply(this, given);
    };
    let restarts = 0;
    RTCPeerConnection.prototype.restartIce = function () {
      restarts += 1;
      restartIce.call(this);
    };
    try {
      const [first, second] = createPair((data) => {
        if (data.includes('"offer"')) offers.push(data);
        if (data.includes('"answer"')) answers.push(data);
        return data;
      });
      await waitUntil(() => first.opened !== undefined && second.opened !== undefined);
      const [connection] = connections;
      if (connection === undefined) throw new Error('the offerer makes the channel');
      // No test can cut a path in here: the browser is made to say that it is gone, until it is looked for.
      let gone = true;
      const { iceConnectionState } = Object.getOwnPropertyDescriptors(RTCPeerConnection.prototype);
      Object.defineProperty(connection, 'iceConnectionState', {
        configurable: true,
        get: () => (gone ? 'disconnected' : (iceConnectionState.get?.call(connection) as string)),
      });
      connection.dispatchEvent(new Event('iceconnectionstatechange'));
      await waitUntil(() => answers.length === 2, 8_000);
      gone = false;
      connection.dispatchEvent(new Event('iceconnectionstatechange'));
      const ufrag = (data: string | undefined): string | undefined =>
        /ice-ufrag:([^\\]+)/.exec(data ?? '')?.[1];
      expect(restarts).toBe(1);
      expect(ufrag(offers[1])).not.toBe(ufrag(offers[0]));
      await waitUntil(() => connection.signalingState === 'stable');
      first.links.send(link, numbered(7, 1000), 'control');
      second.links.send(link, numbered(8, 1000), 'control');
      await waitUntil(() => first.frames.length === 1 && second.frames.length === 1);
      expect([first.closed, second.closed]).toEqual([undefined, undefined]);
    } finally {
      RTCPeerConnection.prototype.restartIce = restartIce;
      RTCPeerConnection.prototype.createDataChannel = createDataChannel;
    }
  });

  it('K7: signals that are none are dropped and do not keep a link from opening', async () => {
    const [first, second] = createPair();
    for (const bad of [
      '',
      '{',
      'null',
      '[]',
      '{"type":"candidate","candidate":null}',
      '{"renegotiate":true}',
    ]) {
      first.links.signal(link, bad);
      second.links.signal(link, bad);
    }
    await waitUntil(() => first.opened !== undefined && second.opened !== undefined);
  });
});
