// A bare data channel between two browsers: what transfers are compared with. Nothing of the app is in these pages.
import type { BrowserContext, Page } from 'playwright';
import type {} from './page.d.ts';

export interface RawChannel {
  /** ms from the first `send` until all of it arrived. */
  transfer(bytes: number): Promise<number>;
  /** Sends these in messages of 60 KB, each written in a transaction of its own; ms from the first `send` to the last commit. */
  bodies(bodies: readonly Uint8Array[]): Promise<number>;
}

/** Connects a new page of each; they close with their browsers. `url`: of an origin that may store, for `bodies`. */
export async function openRaw(from: BrowserContext, to: BrowserContext, url?: string): Promise<RawChannel> {
  const [sender, receiver] = await Promise.all([from.newPage(), to.newPage()]);
  if (url !== undefined) await Promise.all([sender.goto(url), receiver.goto(url)]);
  const offer = await sender.evaluate(makeOffer);
  const answer = await receiver.evaluate(answerOffer, offer);
  await sender.evaluate(acceptAnswer, answer);
  return {
    async transfer(bytes) {
      await receiver.evaluate(() => (window.rawReceived = { bytes: 0, at: 0 }));
      const began = await sender.evaluate(sendRaw, bytes);
      return (await arrival(receiver, bytes)) - began;
    },
    async bodies(bodies) {
      const size = bodies[0]?.length ?? 0;
      if (bodies.some(({ length }) => length !== size)) throw new Error('bodies of one size');
      await receiver.evaluate(storeRaw, { size, count: bodies.length });
      const began = await sender.evaluate(sendBodies, {
        batch: Math.floor(BATCH / size) * size,
        base64: Buffer.concat(bodies).toString('base64'),
      });
      const done = await receiver.waitForFunction(() => window.rawReceived?.storedAt, undefined, {
        polling: 20,
        timeout: 600_000,
      });
      return Number(await done.jsonValue()) - began;
    },
  };
}

const BATCH = 60_000;

/** Runs in the receiving page: each message's bodies as rows of their own, in one transaction. */
async function storeRaw({ size, count }: { size: number; count: number }): Promise<void> {
  const name = `raw/${count}`;
  await new Promise((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
  const database = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('bodies');
    opening.onsuccess = () => resolve(opening.result);
  });
  const received = { bytes: 0, at: 0, storedAt: 0 };
  let [row, stored] = [0, 0];
  window.rawReceived = received;
  window.rawStore = (message) => {
    const transaction = database.transaction('bodies', 'readwrite', { durability: 'relaxed' });
    const rows = transaction.objectStore('bodies');
    for (let at = 0; at < message.byteLength; at += size) {
      rows.put(new Uint8Array(message.slice(at, at + size)), row);
      row += 1;
    }
    transaction.oncomplete = () => {
      stored += message.byteLength / size;
      if (stored === count) received.storedAt = Date.now();
    };
  };
}

/** Runs in the sending page, which has the bodies before it begins. */
async function sendBodies({ batch, base64 }: { batch: number; base64: string }): Promise<number> {
  const channel = window.rawChannel;
  if (channel === undefined) throw new Error('no channel');
  const all = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const WINDOW = 65_536;
  channel.bufferedAmountLowThreshold = WINDOW / 2;
  const began = Date.now();
  let at = 0;
  await new Promise<void>((resolve) => {
    channel.onbufferedamountlow = () => {
      while (at < all.length && channel.bufferedAmount <= WINDOW) {
        channel.send(all.subarray(at, at + batch));
        at += batch;
      }
      if (at >= all.length) resolve();
    };
    channel.onbufferedamountlow(new Event('bufferedamountlow'));
  });
  return began;
}

async function arrival(receiver: Page, bytes: number): Promise<number> {
  const all = await receiver.waitForFunction(
    (most) => (window.rawReceived?.bytes ?? 0) >= most && window.rawReceived?.at,
    bytes,
    { polling: 50, timeout: 600_000 },
  );
  return Number(await all.jsonValue());
}

/** Runs in the sending page. */
async function makeOffer(): Promise<string> {
  const connection = new RTCPeerConnection();
  window.rawChannel = connection.createDataChannel('raw', { ordered: true });
  Object.assign(window, { rawConnection: connection });
  await connection.setLocalDescription(await connection.createOffer());
  while (connection.iceGatheringState !== 'complete')
    await new Promise((resolve) =>
      connection.addEventListener('icegatheringstatechange', resolve, { once: true }),
    );
  return JSON.stringify(connection.localDescription);
}
/** Runs in the receiving page. */
async function answerOffer(offer: string): Promise<string> {
  const connection = new RTCPeerConnection();
  Object.assign(window, { rawConnection: connection });
  connection.addEventListener('datachannel', ({ channel }) => {
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', ({ data }) => {
      const received = window.rawReceived;
      if (received === undefined || !(data instanceof ArrayBuffer)) return;
      received.bytes += data.byteLength;
      received.at = Date.now();
      window.rawStore?.(data);
    });
  });
  await connection.setRemoteDescription(JSON.parse(offer) as RTCSessionDescriptionInit);
  await connection.setLocalDescription(await connection.createAnswer());
  while (connection.iceGatheringState !== 'complete')
    await new Promise((resolve) =>
      connection.addEventListener('icegatheringstatechange', resolve, { once: true }),
    );
  return JSON.stringify(connection.localDescription);
}
/** Runs in the sending page. */
async function acceptAnswer(answer: string): Promise<void> {
  const connection: unknown = Reflect.get(window, 'rawConnection');
  const channel = window.rawChannel;
  if (!(connection instanceof RTCPeerConnection) || channel === undefined) throw new Error('no offer');
  const open = new Promise((resolve) => channel.addEventListener('open', resolve, { once: true }));
  await connection.setRemoteDescription(JSON.parse(answer) as RTCSessionDescriptionInit);
  await open;
}
/** Runs in the sending page: 64 KiB messages against a window of 64 KiB. When the first was sent. */
async function sendRaw(bytes: number): Promise<number> {
  const channel = window.rawChannel;
  if (channel === undefined) throw new Error('no channel');
  const WINDOW = 65_536;
  const message = crypto.getRandomValues(new Uint8Array(65_536));
  channel.bufferedAmountLowThreshold = WINDOW / 2;
  const began = Date.now();
  let left = bytes;
  await new Promise<void>((resolve) => {
    channel.onbufferedamountlow = () => {
      while (left > 0 && channel.bufferedAmount <= WINDOW) {
        const size = Math.min(left, message.length);
        channel.send(message.subarray(0, size));
        left -= size;
      }
      if (left === 0) resolve();
    };
    channel.onbufferedamountlow(new Event('bufferedamountlow'));
  });
  return began;
}
