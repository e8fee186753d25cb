// What makes a page a hostile one: it keeps its data channels, below the app, and sends over them what it likes.
import type { Tab } from './harness.ts';

export interface Flooding {
  /** Messages handed to channels that were open. */
  sent: number;
  going: boolean;
}

/** Runs in a page before its scripts. */
export function keepChannels(): void {
  const kept = new Set<RTCDataChannel>();
  const connectionOf = new WeakMap<RTCDataChannel, RTCPeerConnection>();
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...all: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...all);
      this.addEventListener('datachannel', ({ channel }) => connectionOf.set(channel, this));
    }
    override createDataChannel(...all: Parameters<RTCPeerConnection['createDataChannel']>): RTCDataChannel {
      const channel = super.createDataChannel(...all);
      connectionOf.set(channel, this);
      return channel;
    }
  };
  const send: unknown = Reflect.get(RTCDataChannel.prototype, 'send');
  if (typeof send !== 'function') throw new Error('no data channels here');
  Object.defineProperty(RTCDataChannel.prototype, 'send', {
    configurable: true,
    value(this: RTCDataChannel, data: unknown): void {
      kept.add(this);
      Reflect.apply(send, this, [data]);
    },
  });
  const flooding: Flooding = { sent: 0, going: false };
  Object.assign(window, { keptChannels: kept, connectionOf, flooding });
}

/** Frames that cost something: pings, announcements of nothing, blocks that nobody asked for, types that nobody knows. */
const FRAMES: readonly (readonly number[])[] = [
  [0x82, 4, 1],
  [0x83, 0x18, 33, 0x58, 0x20, ...new Array<number>(32).fill(7), 0x41, 1],
  [0x81, 0x18, 200],
  [0x82, 6, 0x80],
];

/** The fingerprints of this page's connections, as their descriptions say. */
const fingerprintsOf = (tab: Tab): Promise<string[]> =>
  tab.page.evaluate(() =>
    window.madeConnections.flatMap(
      ({ localDescription }) => /^a=fingerprint:\S+ (\S+)/m.exec(localDescription?.sdp ?? '')?.[1] ?? [],
    ),
  );

/** So many messages a second, on each channel to that page which is open, until it is told to stop. */
export const flood = async (tab: Tab, perSecond: number, to: Tab): Promise<void> =>
  tab.page.evaluate(
    ({ frames, rate, prints }) => {
      const { flooding, keptChannels, connectionOf } = window;
      const isTo = (connection: RTCPeerConnection | undefined): boolean =>
        prints.some((print) => connection?.remoteDescription?.sdp.includes(print));
      // A link that is made anew has another fingerprint: only those not meant are known, by those that they have now.
      const others = new Set(
        [...keptChannels].map((channel) => connectionOf.get(channel)).filter((each) => !isTo(each)),
      );
      const messages = frames.map((frame) => new Uint8Array(frame));
      Object.assign(flooding, { sent: 0, going: true });
      const began = performance.now();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = (): void => {
        if (!flooding.going) return;
        const open = [...keptChannels].filter(
          (channel) => channel.readyState === 'open' && !others.has(connectionOf.get(channel)),
        );
        const due = (rate * (performance.now() - began)) / 1000 - flooding.sent;
        for (let n = 0; n < Math.min(due, 500); n++) {
          flooding.sent += 1;
          const message = messages[flooding.sent % messages.length];
          if (message === undefined) return;
          for (const channel of open)
            // Beyond that the browser closes the channel by itself.
            if (channel.bufferedAmount < 8_000_000) channel.send(message);
        }
        setTimeout(() => port2.postMessage(0), 1);
      };
      port2.postMessage(0);
    },
    {
      frames: FRAMES.map((frame) => [...frame]),
      rate: perSecond,
      prints: await fingerprintsOf(to),
    },
  );

export const stopFlood = (tab: Tab): Promise<number> =>
  tab.page.evaluate(() => {
    window.flooding.going = false;
    return window.flooding.sent;
  });

/** From now on how long each turn of the page's own loop takes: what a task in between took, and a little more. */
export const watchTurns = (tab: Tab): Promise<void> =>
  tab.page.evaluate(() => {
    const turns: number[] = [];
    Object.assign(window, { turns });
    const { port1, port2 } = new MessageChannel();
    let before = performance.now();
    port1.onmessage = (): void => {
      const now = performance.now();
      turns.push(now - before);
      setTimeout(() => {
        before = performance.now();
        port2.postMessage(0);
      }, 4);
    };
    port2.postMessage(0);
  });

/** What was measured since, and forgets it. */
export const takeTurns = (tab: Tab): Promise<number[]> => tab.page.evaluate(() => window.turns.splice(0));
