// Frames that come in parts: a text message says that the next binary one is a part (SPEC K7). Knows no channel.
import { MAX_FRAME } from './config.ts';

/** Said before a part: more follow, or it is the last. */
export const MORE = '+';
export const LAST = '.';

export interface Joiner {
  /** A frame that is whole now, null where more is to come, or why the other side is at fault. */
  take(data: unknown): { frame: ArrayBuffer } | { fault: string } | null;
}

export function createJoiner(): Joiner {
  let parts: ArrayBuffer[] = [];
  let bytes = 0;
  let next: 'whole' | 'more' | 'last' = 'whole';

  return {
    take(data) {
      if (data === MORE || data === LAST) {
        if (next !== 'whole') return { fault: 'it said of a part twice what it is' };
        next = data === MORE ? 'more' : 'last';
        return null;
      }
      const frame = asFrame(data);
      if (frame === null) return { fault: `it sent what is no frame of at most ${MAX_FRAME} bytes` };
      const what = next;
      next = 'whole';
      // Control frames come between the parts of a bulk frame.
      if (what === 'whole') return { frame };
      bytes += frame.byteLength;
      if (bytes > MAX_FRAME || frame.byteLength === 0)
        return { fault: `it sent a frame in parts of more than ${MAX_FRAME} bytes, or of none` };
      parts.push(frame);
      if (what === 'more') return null;
      const whole = new Uint8Array(bytes);
      let at = 0;
      for (const part of parts) {
        whole.set(new Uint8Array(part), at);
        at += part.byteLength;
      }
      parts = [];
      bytes = 0;
      return { frame: whole.buffer };
    },
  };
}

/** The bytes with a buffer of their own, or null for other strings and what is too large. */
function asFrame(data: unknown): ArrayBuffer | null {
  if (data instanceof ArrayBuffer) return data.byteLength <= MAX_FRAME ? data : null;
  if (!(data instanceof Uint8Array) || data.byteLength > MAX_FRAME) return null;
  const { buffer } = data;
  return buffer instanceof ArrayBuffer && buffer.byteLength === data.byteLength
    ? buffer
    : data.slice().buffer;
}
