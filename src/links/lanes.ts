// What waits for one channel: control goes first, bulk only while little of it is buffered. The slower the channel turns
// out to be, the less is buffered, and bulk frames go in parts, so that control never waits long. Knows no WebRTC.
import {
  BULK_HIGH,
  BULK_LEAST,
  BULK_WAIT,
  CONTROL_HIGH,
  MAX_QUEUED,
  PART_LEAST,
  PART_WAIT,
  TELL_DRAINED,
} from './config.ts';
import { LAST, MORE } from './parts.ts';

export type Lane = 'control' | 'bulk';

/** The part of an RTCDataChannel that is used here. */
export interface Outlet {
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  send(data: string): void;
  send(data: ArrayBuffer | Uint8Array<ArrayBuffer>): void;
}

export interface Lanes {
  /** False where too much waits already. */
  push(frame: ArrayBuffer, lane: Lane): boolean;
  /** Hands over what may go: all control first, then bulk while there is room. Throws what `send` throws. */
  pump(outlet: Outlet): void;
  controlWaits(): boolean;
  dropBulk(): void;
  clear(): void;
}

/** Time of a measurement in ms: beyond the jitter of a page's tasks. */
const MEASURE = 50;

export function createLanes(options: { now(): number; onDrained(bytes: number): void }): Lanes {
  const { now, onDrained } = options;
  const control: ArrayBuffer[] = [];
  const bulk: ArrayBuffer[] = [];
  let queued = 0;
  /** Of the first bulk frame, what went already. */
  let gone = 0;
  let handed = 0;
  /** Of the bulk frames that went, what was not told yet. */
  let drained = 0;
  /** Bytes per ms that leave the buffer, null until measured. */
  let rate: number | null = null;
  let since: { at: number; left: number; wasDry: boolean } | null = null;

  const within = (ms: number, least: number, most: number): number =>
    rate === null ? most : Math.round(Math.min(most, Math.max(least, rate * ms)));

  function measure(outlet: Outlet): void {
    const at = now();
    const left = handed - outlet.bufferedAmount;
    const isDry = outlet.bufferedAmount === 0;
    since ??= { at, left, wasDry: isDry };
    since.wasDry ||= isDry;
    if (at - since.at < MEASURE) return;
    const sample = (left - since.left) / (at - since.at);
    // Where the buffer ran dry more would have gone than there was to send.
    if (since.wasDry) rate = rate === null ? null : Math.max(rate, sample);
    else rate = rate === null ? sample : (rate + sample) / 2;
    since = { at, left, wasDry: isDry };
  }

  /** Sends the first bulk frame, or a part of it. Whether there may be room for more. */
  function sendBulk(outlet: Outlet, frame: ArrayBuffer): void {
    const most = within(PART_WAIT, PART_LEAST, frame.byteLength);
    const end = Math.min(frame.byteLength, gone + most);
    if (gone === 0 && end === frame.byteLength) outlet.send(frame);
    else {
      outlet.send(end < frame.byteLength ? MORE : LAST);
      outlet.send(new Uint8Array(frame, gone, end - gone));
    }
    handed += end - gone;
    queued -= end - gone;
    gone = end;
    if (gone < frame.byteLength) return;
    bulk.shift();
    gone = 0;
    drained += frame.byteLength;
  }

  return {
    push(frame, lane) {
      queued += frame.byteLength;
      (lane === 'control' ? control : bulk).push(frame);
      return queued <= MAX_QUEUED;
    },

    pump(outlet) {
      measure(outlet);
      const high = within(BULK_WAIT, BULK_LEAST, BULK_HIGH);
      // Strictly lower: a threshold equal to the mark stalls for ever.
      outlet.bufferedAmountLowThreshold = high >> 1;
      for (let next = control[0]; next !== undefined; next = control[0]) {
        if (outlet.bufferedAmount > CONTROL_HIGH) return;
        control.shift();
        queued -= next.byteLength;
        handed += next.byteLength;
        outlet.send(next);
      }
      for (let next = bulk[0]; next !== undefined && outlet.bufferedAmount <= high; next = bulk[0])
        sendBulk(outlet, next);
      if (drained === 0 || (drained < TELL_DRAINED && bulk.length > 0)) return;
      onDrained(drained);
      drained = 0;
    },

    controlWaits: () => control.length > 0,

    dropBulk() {
      bulk.length = 0;
      gone = 0;
    },

    clear() {
      control.length = bulk.length = 0;
    },
  };
}
