// What is told of a message besides when and with whom: why it was sent and what became of it, in words and in one
// number. Knows no record.
import { OUTCOMES, type Outcome } from '../context.ts';
import type { Frame } from '../wire/frame.ts';

/** Why a message was sent. On disk by its place: append only. */
export const WHYS = [
  'eager',
  'lazy',
  'graft',
  'sync',
  'want',
  'answer',
  'receipt',
  'membership',
  'liveness',
  'digest',
  'relay',
  'access',
  'unknown',
] as const;
export type Why = (typeof WHYS)[number];
export type MessageType = Frame['type'];

export interface Facts {
  direction: 'in' | 'out';
  /** On the wire. */
  bytes: number;
  why: Why;
  outcome: Outcome;
}

type Fixed = Exclude<MessageType, 'entries'>;
/** Of `entries` the frame itself says why. */
const WHY_OF: Readonly<Record<Fixed, Why>> = {
  hello: 'access',
  proof: 'access',
  bye: 'access',
  ping: 'liveness',
  pong: 'liveness',
  tags: 'access',
  join: 'access',
  vouched: 'access',
  admitted: 'access',
  refused: 'access',
  waiting: 'access',
  vector: 'sync',
  fingerprint: 'sync',
  buckets: 'sync',
  'bucket-rows': 'sync',
  fork: 'sync',
  'want-entries': 'want',
  'want-ids': 'want',
  'want-fork': 'want',
  'want-body': 'want',
  'want-list': 'want',
  'want-blocks': 'want',
  'want-held': 'want',
  'want-have': 'want',
  'want-fetch': 'want',
  cancel: 'want',
  body: 'answer',
  list: 'answer',
  block: 'answer',
  have: 'answer',
  lack: 'answer',
  held: 'receipt',
  ihave: 'lazy',
  graft: 'graft',
  prune: 'eager',
  digest: 'digest',
  relay: 'relay',
  neighbour: 'membership',
  'neighbour-reply': 'membership',
  disconnect: 'membership',
  'forward-join': 'membership',
  shuffle: 'membership',
  'shuffle-reply': 'membership',
  probe: 'liveness',
  probed: 'liveness',
  suspect: 'liveness',
  frozen: 'liveness',
  presence: 'liveness',
  'want-links': 'membership',
  links: 'membership',
  unknown: 'unknown',
};
export const MESSAGE_TYPES: readonly string[] = ['entries', ...Object.keys(WHY_OF)];
export const isMessageType = (type: string): type is MessageType => MESSAGE_TYPES.includes(type);

export const whyOf = (frame: Frame): Why =>
  frame.type !== 'entries' ? WHY_OF[frame.type] : frame.why === 'push' ? 'eager' : frame.why;

/** What a counter says of the frame during whose handling it was raised. First match; the others say nothing. */
const VERDICTS: readonly (readonly [name: RegExp, outcome: Outcome])[] = [
  [/\.(unexpected|unknown)$/, 'unknown'],
  [/\.(duplicate|known|again)$/, 'duplicate'],
  [/\.(overflow|dropped|full|notStored|unsent|late|tooLong|tooMany|flood)$/, 'dropped'],
  [
    /\.(refused|malformed|unasked|closed|isolated|paused|notMember|unproven|unsigned|forged|stale|expired|corrupt|replay|bad[A-Z]?\w*)$/,
    'refused',
  ],
];

/** What a counter says; that something went out or came says nothing. */
export const outcomeOf = (name: string): Outcome | undefined =>
  /^(sent|received)\./.test(name) ? undefined : VERDICTS.find(([pattern]) => pattern.test(name))?.[1];

// One number holds the small facts: 4 bits outcome, 5 why, 1 direction, 19 bytes (a frame has at most 2^18).
const WHY_AT = 4;
const IN_AT = 9;
const BYTES_AT = 10;
export const OUTCOME_MASK = 0b1111;
const WHY_MASK = 0b11111;

export const indexOf = <T>(list: readonly T[], item: T): number => list.indexOf(item);
export const pack = (outcome: Outcome, why: Why, incoming: boolean, bytes: number): number =>
  indexOf(OUTCOMES, outcome) |
  (indexOf(WHYS, why) << WHY_AT) |
  (Number(incoming) << IN_AT) |
  (Math.min(bytes, 0x7ffff) << BYTES_AT);

/** Null where the number is none that `pack` makes. */
export function unpack(facts: number): Facts | null {
  const outcome = OUTCOMES[facts & OUTCOME_MASK];
  const why = WHYS[(facts >> WHY_AT) & WHY_MASK];
  if (outcome === undefined || why === undefined) return null;
  return { outcome, why, direction: (facts >> IN_AT) & 1 ? 'in' : 'out', bytes: facts >>> BYTES_AT };
}
