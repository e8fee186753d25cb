// The edge of the worker: what a page posts, checked for shape and size. What doesn't fit is null.
import * as v from 'valibot';
import type { FromCarrier, FromPage } from './protocol.ts';
import { MAX_FRAME } from './config.ts';

/** Names of tabs, locks and links, origins: short texts. */
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const word = v.pipe(v.string(), v.maxLength(16));
/** More links than a page carries. */
const MAX_PATHS = 256;
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** An SDP with many candidates is about 4 KiB. */
const signal = v.pipe(v.string(), v.maxLength(64 * 1024));

const carrierMessage = [
  v.object({ type: v.literal('link-signal'), link: name, data: signal }),
  v.object({ type: v.literal('link-open'), link: name, local: name, remote: name }),
  v.object({
    type: v.literal('link-frame'),
    link: name,
    frame: v.pipe(
      v.instance(ArrayBuffer),
      v.check((frame) => frame.byteLength <= MAX_FRAME),
    ),
  }),
  v.object({ type: v.literal('link-credit'), link: name, bytes: count }),
  v.object({ type: v.literal('link-closed'), link: name, reason: v.pipe(v.string(), v.maxLength(2000)) }),
  v.object({
    type: v.literal('link-paths'),
    n: count,
    paths: v.pipe(
      v.array(
        v.object({
          link: name,
          local: word,
          remote: word,
          protocol: word,
          rttMs: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))),
        }),
      ),
      v.maxLength(MAX_PATHS),
    ),
  }),
] as const;

/** A call whose method and parameters are still to be checked. */
export interface UncheckedCall {
  type: 'call';
  id: number;
  method: string;
  params: unknown;
  requestId: string | null;
}
export type CheckedFromPage = Exclude<FromPage, { type: 'call' }> | UncheckedCall;

const fromPage = v.variant('type', [
  v.object({
    type: v.literal('hello'),
    version: count,
    tab: name,
    lock: name,
    visible: v.boolean(),
    phone: v.boolean(),
    since: count,
    origin: name,
  }),
  v.object({ type: v.literal('visible'), visible: v.boolean() }),
  v.object({ type: v.literal('ping'), n: count }),
  v.object({
    type: v.literal('call'),
    id: count,
    method: name,
    params: v.unknown(),
    requestId: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
  }),
  v.object({ type: v.literal('bye') }),
  ...carrierMessage,
]);

export function parseFromPage(message: unknown): CheckedFromPage | null {
  const parsed = v.safeParse(fromPage, message);
  return parsed.success ? parsed.output : null;
}

export const isFromCarrier = (message: CheckedFromPage): message is FromCarrier =>
  message.type.startsWith('link-');
