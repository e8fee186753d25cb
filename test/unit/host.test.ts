import { describe, expect, it } from 'vitest';
import type { Channel, ChannelOptions } from '../../src/links/channel.ts';
import { MAX_UNACKNOWLEDGED } from '../../src/links/config.ts';
import { LEAST_WAITING } from '../../worker/rpc/config.ts';
import { fingerprintOf } from '../../src/links/fingerprint.ts';
import { createLinkHost } from '../../src/links/host.ts';
import type { FromCarrier } from '../../worker/rpc/protocol.ts';

const KIB = 1024;

interface FakeChannel {
  options: ChannelOptions;
  calls: unknown[][];
}

function setUp() {
  const posted: FromCarrier[] = [];
  const channels: FakeChannel[] = [];
  const host = createLinkHost({
    post: (message) => posted.push(message),
    createChannel(options): Channel {
      const calls: unknown[][] = [];
      channels.push({ options, calls });
      const note =
        (name: string) =>
        (...args: unknown[]): void =>
          void calls.push([name, ...args]);
      return {
        signal: note('signal'),
        send: note('send'),
        inspect: () =>
          Promise.resolve({
            bytesSent: 1,
            bytesReceived: 2,
            local: 'host',
            remote: 'host',
            protocol: 'udp',
            rttMs: 4,
          }),
        close: note('close'),
        destroy(reason) {
          calls.push(['destroy', reason]);
          options.onClosed(reason);
        },
      };
    },
  });
  const open = (link: string): FakeChannel => {
    host.handle({ type: 'link-open', link, initiator: true, iceServers: [], relayOnly: false });
    const channel = channels.at(-1);
    if (!channel) throw new Error('no channel was made');
    return channel;
  };
  return { host, posted, channels, open };
}

describe('the host of links', () => {
  it('K7: a page that was not asked to carry refuses to open links', () => {
    const { host, posted, channels } = setUp();
    host.handle({ type: 'link-open', link: 'l1', initiator: true, iceServers: [], relayOnly: false });
    expect(channels).toEqual([]);
    expect(posted).toEqual([{ type: 'link-closed', link: 'l1', reason: 'this page carries no links' }]);
  });

  it('K7: what happens to a channel is told under the name of its link', () => {
    const { host, posted, open } = setUp();
    host.handle({ type: 'carry', on: true });
    const { options } = open('l1');
    options.onSignal('offer');
    options.onOpen('sha-256 AA', 'sha-256 BB');
    options.onFrame(new Uint8Array([1]).buffer);
    options.onDrained(64);
    options.onClosed('gone');
    expect(posted).toEqual([
      { type: 'link-signal', link: 'l1', data: 'offer' },
      { type: 'link-open', link: 'l1', local: 'sha-256 AA', remote: 'sha-256 BB' },
      { type: 'link-frame', link: 'l1', frame: new Uint8Array([1]).buffer },
      { type: 'link-credit', link: 'l1', bytes: 64 },
      { type: 'link-closed', link: 'l1', reason: 'gone' },
    ]);
  });

  it('K7: signals, frames and closes reach the channel they name, and no other', () => {
    const { host, open } = setUp();
    host.handle({ type: 'carry', on: true });
    const first = open('l1');
    const second = open('l2');
    const frame = new ArrayBuffer(3);
    host.handle({ type: 'link-signal', link: 'l1', data: 'answer' });
    host.handle({ type: 'link-send', link: 'l1', frame, lane: 'bulk' });
    host.handle({ type: 'link-close', link: 'l1', reason: 'done' });
    host.handle({ type: 'link-send', link: 'unknown', frame, lane: 'bulk' });
    expect(first.calls).toEqual([
      ['signal', 'answer'],
      ['send', frame, 'bulk'],
      ['close', 'done'],
    ]);
    expect(second.calls).toEqual([]);
  });

  it('K7: more than 8 MiB that the worker has not acknowledged close that link', () => {
    const { host, posted, open } = setUp();
    host.handle({ type: 'carry', on: true });
    const { options, calls } = open('l1');
    for (let bytes = 0; bytes < MAX_UNACKNOWLEDGED; bytes += 256 * KIB)
      options.onFrame(new ArrayBuffer(256 * KIB));
    expect(calls).toEqual([]);
    options.onFrame(new ArrayBuffer(1));
    expect(calls[0]?.[0]).toBe('destroy');
    expect(posted.at(-1)?.type).toBe('link-closed');
  });

  it('K7, K10: small frames by the thousand count as well, so that a flood of them closes the link', () => {
    const { host, posted, open } = setUp();
    host.handle({ type: 'carry', on: true });
    const { options, calls } = open('l1');
    const most = MAX_UNACKNOWLEDGED / LEAST_WAITING;
    for (let n = 0; n < most; n++) options.onFrame(new ArrayBuffer(3));
    expect(calls).toEqual([]);
    options.onFrame(new ArrayBuffer(3));
    expect(calls[0]?.[0]).toBe('destroy');
    expect(posted.filter(({ type }) => type === 'link-frame')).toHaveLength(most);
  });

  it('K7: acknowledged bytes no longer count', () => {
    const { host, posted, open } = setUp();
    host.handle({ type: 'carry', on: true });
    const { options } = open('l1');
    for (let i = 0; i < 100; i++) {
      options.onFrame(new ArrayBuffer(256 * KIB));
      host.handle({ type: 'link-ack', link: 'l1', bytes: 256 * KIB });
    }
    expect(posted.filter((message) => message.type === 'link-frame')).toHaveLength(100);
  });

  it('D3: when another page carries, every connection is destroyed', () => {
    const { host, posted, open } = setUp();
    host.handle({ type: 'carry', on: true });
    open('l1');
    open('l2');
    host.handle({ type: 'carry', on: false });
    expect(posted.map((message) => message.type)).toEqual(['link-closed', 'link-closed']);
  });

  it('D4: another worker gives the same names anew, and nothing left of the old connection is told under them', () => {
    const { host, posted, open, channels } = setUp();
    host.handle({ type: 'carry', on: true });
    const old = open('L1');
    host.handle({ type: 'carry', on: false });
    host.handle({ type: 'carry', on: true });
    const fresh = open('L1');
    expect(channels).toHaveLength(2);
    posted.length = 0;
    old.options.onSignal('late candidate');
    old.options.onFrame(new ArrayBuffer(1));
    old.options.onDrained(1);
    old.options.onClosed('late');
    expect(posted).toEqual([]);
    host.handle({ type: 'link-signal', link: 'L1', data: 'offer' });
    expect(fresh.calls).toEqual([['signal', 'offer']]);
    expect(old.calls).toEqual([['destroy', 'another page carries the links']]);
  });

  it('a page that goes destroys its connections and opens no more', () => {
    const { host, open, channels } = setUp();
    host.handle({ type: 'carry', on: true });
    const { calls } = open('l1');
    host.close();
    host.close();
    host.handle({ type: 'link-open', link: 'l2', initiator: true, iceServers: [], relayOnly: false });
    expect(calls).toEqual([['destroy', 'the page is going']]);
    expect(channels).toHaveLength(1);
  });

  it('tells the bytes over the selected candidate pair of each link', async () => {
    const { host, open } = setUp();
    host.handle({ type: 'carry', on: true });
    open('l1');
    expect(await host.inspect()).toEqual([
      {
        link: 'l1',
        bytesSent: 1,
        bytesReceived: 2,
        local: 'host',
        remote: 'host',
        protocol: 'udp',
        rttMs: 4,
      },
    ]);
  });
});

describe('the fingerprint of a session description', () => {
  const digest = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0')).join(':');
  const line = (algorithm: string, value: string): string => `a=fingerprint:${algorithm} ${value}\r\n`;

  it('K4: is given in one normal form', () => {
    expect(fingerprintOf(`v=0\r\n${line('SHA-256', digest)}`)).toBe(`sha-256 ${digest.toUpperCase()}`);
  });

  it('K4: may be repeated, but not contradict itself', () => {
    const other = digest.replace('00', 'ff');
    expect(fingerprintOf(line('sha-256', digest) + line('sha-256', digest.toUpperCase()))).not.toBe(null);
    expect(fingerprintOf(line('sha-256', digest) + line('sha-256', other))).toBe(null);
  });

  it('K4: of another algorithm, malformed or missing is none', () => {
    expect(fingerprintOf('v=0\r\n')).toBe(null);
    expect(fingerprintOf(line('sha-1', digest))).toBe(null);
    expect(fingerprintOf(line('sha-256', digest) + line('sha-512', digest))).toBe(null);
    expect(fingerprintOf(line('sha-256', digest.slice(3)))).toBe(null);
  });
});
