// Runs in a page before its scripts, below simple-peer: shapes what data channels send, counts the bulk of it, corrupts it.

export interface ChannelHooks {
  /** Bytes per second of each channel; 0: as fast as it goes. */
  rate: number;
  /** Flips a bit in the middle of each message of bulk. */
  corrupt: boolean;
  /** Bytes of messages of more than 4 KiB that the page sent, over all channels. */
  bulkSent: number;
  bulkMessages: number;
}

/** Like a slow channel: what was sent waits in `bufferedAmount`, in order, and leaves at the rate. */
export function hookChannels(): void {
  const BULK = 4096;
  interface Line {
    queue: { data: string | ArrayBuffer | Uint8Array<ArrayBuffer>; size: number }[];
    queued: number;
    /** When the one before had left. */
    freeAt: number;
    waiting: boolean;
  }
  const prototype = RTCDataChannel.prototype;
  const sendNow: unknown = Reflect.get(prototype, 'send');
  const buffered = Object.getOwnPropertyDescriptor(prototype, 'bufferedAmount')?.get;
  if (typeof sendNow !== 'function' || buffered === undefined) throw new Error('no data channels here');
  const lines = new WeakMap<RTCDataChannel, Line>();
  const hooks: ChannelHooks = { rate: 0, corrupt: false, bulkSent: 0, bulkMessages: 0 };

  const lineOf = (channel: RTCDataChannel): Line => {
    const line = lines.get(channel) ?? { queue: [], queued: 0, freeAt: 0, waiting: false };
    lines.set(channel, line);
    return line;
  };
  const flipped = (data: ArrayBuffer | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
    const copy = new Uint8Array(data).slice();
    const at = copy.length >> 1;
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  const drain = (channel: RTCDataChannel, line: Line): void => {
    line.waiting = false;
    const before = channel.bufferedAmount;
    for (let head = line.queue[0]; head !== undefined; head = line.queue[0]) {
      const due = hooks.rate > 0 ? line.freeAt + (head.size * 1000) / hooks.rate : 0;
      const early = due - performance.now();
      if (early > 0) {
        line.waiting = true;
        setTimeout(drain, early, channel, line);
        break;
      }
      line.freeAt = due;
      line.queue.shift();
      line.queued -= head.size;
      if (channel.readyState === 'open') Reflect.apply(sendNow, channel, [head.data]);
    }
    const low = channel.bufferedAmountLowThreshold;
    if (before > low && channel.bufferedAmount <= low) channel.dispatchEvent(new Event('bufferedamountlow'));
  };

  Object.defineProperty(prototype, 'bufferedAmount', {
    configurable: true,
    get(this: RTCDataChannel): number {
      return Number(Reflect.apply(buffered, this, [])) + lineOf(this).queued;
    },
  });
  Object.defineProperty(prototype, 'send', {
    configurable: true,
    value(this: RTCDataChannel, data: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
      const size = typeof data === 'string' ? data.length : data.byteLength;
      const isBulk = typeof data !== 'string' && size > BULK;
      if (isBulk) {
        hooks.bulkSent += size;
        hooks.bulkMessages += 1;
      }
      const sent = isBulk && hooks.corrupt ? flipped(data) : data;
      const line = lineOf(this);
      if (this.readyState !== 'open' || (hooks.rate === 0 && line.queue.length === 0)) {
        Reflect.apply(sendNow, this, [sent]);
        return;
      }
      if (line.queue.length === 0) line.freeAt = Math.max(line.freeAt, performance.now());
      line.queue.push({ data: sent, size });
      line.queued += size;
      if (!line.waiting) drain(this, line);
    },
  });
  Object.assign(window, { channelHooks: hooks });
}
