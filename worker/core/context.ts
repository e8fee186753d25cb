// What every machine is handed by the node: the time of the input at hand, randomness, and a way to ask the outside
// world. Answers come back as Inputs, which `resume` gives to whoever asked. Knows no machine.
import type { Effect, Input, Token } from './io.ts';
import type { LinkId } from './model/ids.ts';
import { nobleSignatures } from './model/keys.ts';
import type {
  Estimate,
  FileCheck,
  Random,
  Row,
  Signatures,
  StoreFailure,
  Table,
  VerifyItem,
  WriteOp,
} from './ports.ts';
import { Timers } from './timers.ts';
import { encodeFrame, type Frame } from './wire/frame.ts';
import type { Lane } from './ports.ts';

export interface Failure {
  failure: StoreFailure;
  message: string;
}

/** What a blob turned out to be when it was ingested from memory. */
export interface Ingested {
  hash: string;
  size: number;
  root: string;
}

/** What became of a frame, as far as is known; a later one in this list outweighs an earlier one. */
export const OUTCOMES = [
  'sent',
  'taken',
  'staged',
  'duplicate',
  'applied',
  'dropped',
  'unknown',
  'refused',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * What the other end of a link may be seen to do, and an honest one does not (SPEC P11): bytes that aren't frames, more
 * frames than anyone needs, bytes, signatures and entries that it ought to have checked before it sent them, and blocks
 * that it signed to hold and doesn't.
 */
export const DEEDS = ['garbled', 'flood', 'bad-block', 'bad-signature', 'bad-entry', 'lie'] as const;
export type Deed = (typeof DEEDS)[number];

/** Who remembers deeds. */
export interface Judge {
  blame(link: LinkId, deed: Deed): void;
  doubts(link: LinkId): boolean;
}

/** Who is told of what passes, without a say in it (SPEC O1). Must be quick: it is told of every frame. */
export interface Observer {
  sent(link: LinkId, frame: Frame, bytes: number): void;
  counted(name: string): void;
  /** For the frame that is being handled: how to say later what became of it. */
  verdict(): (outcome: Outcome) => void;
}

export interface Context {
  /** ms since the epoch, that of the input being handled. For what is shown and written, never for how long to wait. */
  now(): number;
  /** ms that only grow, as the wall clock does but for being set back. Deadlines are in it. */
  elapsed(): number;
  readonly random: Random;
  readonly signatures: Signatures;
  effect(effect: Effect): void;
  send(link: LinkId, frame: Frame, lane: Lane): void;
  /** Runs once at or after `at` in elapsed time; the same key again replaces it, null cancels it. Timers are data of the node. */
  schedule(key: string, at: number | null, run: () => void): void;
  isScheduled(key: string): boolean;
  /** Bulk bytes sent on a link and not yet taken by its channel: senders of bulk keep it under a window. */
  outstanding(link: LinkId): number;
  /** All bulk bytes of a link that its channel took so far. */
  drainedOn(link: LinkId): number;
  /** All bytes of frames sent on a link. */
  sentOn(link: LinkId): number;
  count(name: string, by?: number): void;
  /** Seen of a link's other end itself, never of what only passed through it. */
  blame(link: LinkId, deed: Deed): void;
  /** Whether so much was seen of a link's other end that others are preferred as sources. */
  doubts(link: LinkId): boolean;
  /** For whoever knows only later what became of the frame that is being handled: says so, more than once if need be. */
  verdict(): (outcome: Outcome) => void;

  read(
    table: Table,
    keys: readonly string[],
    then: (values: readonly (Uint8Array | null)[] | Failure) => void,
  ): void;
  scan(
    table: Table,
    prefix: string,
    after: string | null,
    limit: number,
    then: (rows: readonly Row[] | Failure) => void,
  ): void;
  write(
    ops: readonly WriteOp[],
    durability: 'strict' | 'relaxed',
    then: (failure: Failure | null) => void,
  ): void;
  verify(items: readonly VerifyItem[], then: (verdicts: readonly boolean[] | Failure) => void): void;
  /** Cuts, hashes and stores bytes as a blob. */
  ingest(bytes: Uint8Array, then: (blob: Ingested | Failure) => void): void;
  /** Hashes a stored blob from its blocks, in order. Null where a block is missing. */
  hashBlob(blocks: readonly string[], then: (hash: string | Failure | null) => void): void;
  /** The bytes of a stored blob of at most 1 MiB, by its hash. Null where it isn't whole. */
  assemble(hash: string, then: (bytes: Uint8Array | Failure | null) => void): void;
  /** Files that the store keeps beside its rows. */
  checkFiles(repair: boolean, then: (files: FileCheck | Failure) => void): void;
  /** What the browser says of the disk; null where it says nothing. */
  estimate(then: (estimate: Estimate | null) => void): void;
}

export const isFailure = (value: object | string | null): value is Failure =>
  typeof value === 'object' && value !== null && 'failure' in value;

/** The node's side of a context. */
export interface ContextControl extends Context {
  setNow(now: number): void;
  /** Gives an answer to whoever asked; answers that nobody waits for are ignored. */
  resume(input: Input): void;
  drained(link: LinkId, bytes: number): void;
  linkGone(link: LinkId): void;
  runTimers(): void;
  nextTimer(): number | null;
  takeEffects(): Effect[];
  observe(observer: Observer): void;
  judgeBy(judge: Judge): void;
  readonly counters: ReadonlyMap<string, number>;
}

export function createContext(random: Random, signatures: Signatures = nobleSignatures): ContextControl {
  const waiting = new Map<Token, (input: Input) => void>();
  const counters = new Map<string, number>();
  const timers = new Timers();
  const outstanding = new Map<LinkId, number>();
  const drained = new Map<LinkId, number>();
  const sent = new Map<LinkId, number>();
  let effects: Effect[] = [];
  let observer: Observer | null = null;
  let judge: Judge | null = null;
  let time = 0;
  let elapsed = 0;
  let tokens = 0;

  function ask(kind: string, effect: (token: Token) => Effect, then: (input: Input) => void): void {
    const token: Token = `${kind}:${tokens}`;
    tokens += 1;
    waiting.set(token, then);
    effects.push(effect(token));
  }

  const failureOf = (input: Input): Failure =>
    input.type === 'store-failed'
      ? { failure: input.failure, message: input.message }
      : { failure: 'internal', message: `an answer of the wrong kind: ${input.type}` };

  function count(name: string, by = 1): void {
    counters.set(name, (counters.get(name) ?? 0) + by);
    if (by > 0) observer?.counted(name);
  }

  return {
    random,
    signatures,
    counters,
    count,
    verdict: () => observer?.verdict() ?? (() => undefined),
    observe(given) {
      observer = given;
    },
    blame(link, deed) {
      count(`blamed.${deed}`);
      judge?.blame(link, deed);
    },
    doubts: (link) => judge?.doubts(link) ?? false,
    judgeBy(given) {
      judge = given;
    },
    now: () => time,
    elapsed: () => elapsed,
    setNow(now) {
      elapsed += Math.max(0, now - time);
      time = now;
    },
    schedule: (key, at, run) => timers.set(key, at, run),
    isScheduled: (key) => timers.has(key),
    runTimers: () => timers.run(elapsed),
    nextTimer: () => timers.next(),
    outstanding: (link) => outstanding.get(link) ?? 0,
    drainedOn: (link) => drained.get(link) ?? 0,
    drained(link, bytes) {
      drained.set(link, (drained.get(link) ?? 0) + bytes);
      const left = (outstanding.get(link) ?? 0) - bytes;
      if (left > 0) outstanding.set(link, left);
      else outstanding.delete(link);
    },
    sentOn: (link) => sent.get(link) ?? 0,
    linkGone(link) {
      outstanding.delete(link);
      drained.delete(link);
      sent.delete(link);
    },
    effect: (effect) => void effects.push(effect),
    send(link, frame, lane) {
      const bytes = encodeFrame(frame);
      count(`sent.${frame.type}`);
      count('sent.bytes', bytes.length);
      observer?.sent(link, frame, bytes.length);
      sent.set(link, (sent.get(link) ?? 0) + bytes.length);
      if (lane === 'bulk') outstanding.set(link, (outstanding.get(link) ?? 0) + bytes.length);
      effects.push({ type: 'link-send', link, frame: bytes, lane });
    },
    read: (table, keys, then) =>
      ask(
        'read',
        (token) => ({ type: 'read', token, table, keys }),
        (input) => then(input.type === 'read' ? input.values : failureOf(input)),
      ),
    scan: (table, prefix, after, limit, then) =>
      ask(
        'scan',
        (token) => ({ type: 'scan', token, table, prefix, after, limit }),
        (input) => then(input.type === 'scanned' ? input.rows : failureOf(input)),
      ),
    write: (ops, durability, then) =>
      ask(
        'write',
        (token) => ({ type: 'write', token, ops, durability }),
        (input) => then(input.type === 'written' ? null : failureOf(input)),
      ),
    verify: (items, then) =>
      ask(
        'verify',
        (token) => ({ type: 'verify', token, items }),
        (input) => then(input.type === 'verified' ? input.ok : failureOf(input)),
      ),
    ingest: (bytes, then) =>
      ask(
        'ingest',
        (token) => ({ type: 'ingest', token, bytes }),
        (input) => then(input.type === 'ingested' ? input.blob : failureOf(input)),
      ),
    hashBlob: (blocks, then) =>
      ask(
        'hash',
        (token) => ({ type: 'hash-blob', token, blocks }),
        (input) => then(input.type === 'hashed' ? input.hash : failureOf(input)),
      ),
    assemble: (hash, then) =>
      ask(
        'assemble',
        (token) => ({ type: 'assemble', token, hash }),
        (input) => then(input.type === 'assembled' ? input.bytes : failureOf(input)),
      ),
    checkFiles: (repair, then) =>
      ask(
        'files',
        (token) => ({ type: 'check-files', token, repair }),
        (input) => then(input.type === 'files-checked' ? input.files : failureOf(input)),
      ),
    estimate: (then) =>
      ask(
        'estimate',
        (token) => ({ type: 'estimate', token }),
        (input) => then(input.type === 'estimated' ? input.estimate : null),
      ),
    resume(input) {
      if (!('token' in input)) return;
      const then = waiting.get(input.token);
      waiting.delete(input.token);
      then?.(input);
    },
    takeEffects() {
      const taken = effects;
      effects = [];
      return taken;
    },
  };
}
