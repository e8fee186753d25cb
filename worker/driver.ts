// The only loop: Input -> node -> Effects -> ports -> Input. One input at a time, effects in order (SPEC D1). Runs the
// same in the SharedWorker, in Node and in the simulator; decides nothing.
import type { Effect, Input, Token } from './core/io.ts';
import type { ErrorCode } from './core/model/errors.ts';
import { createNode } from './core/node.ts';
import {
  StoreError,
  type Clock,
  type Crypto,
  type Disk,
  type Links,
  type Random,
  type Signal,
  type Signatures,
  type Store,
} from './core/ports.ts';

/** Blobs as wholes: what the store's rows of blocks come to. */
export interface Blobs {
  ingest(bytes: Uint8Array): Promise<{ hash: string; size: number; root: string }>;
  /** Hash of the blocks one after the other, read from the store a few at a time; null where one is missing. */
  hash(blocks: readonly string[]): Promise<string | null>;
  /** The bytes of a blob of at most 1 MiB; null where it isn't whole. */
  assemble(hash: string): Promise<Uint8Array | null>;
}

export interface DriverOptions {
  clock: Clock;
  random: Random;
  crypto: Crypto;
  signatures: Signatures;
  store: Store;
  blobs: Blobs;
  /** Without one nothing is said of the disk. */
  disk?: Disk;
  links: Links;
  signal: Signal;
  /** Messages of each type that the node remembers; its own default where it isn't said. */
  trail?: number;
  hooks: {
    reply(id: number, value: unknown): void;
    refuse(id: number, code: ErrorCode, message: string): void;
    event(name: string, payload: unknown): void;
  };
}

export interface Driver {
  /** Events of links and signal, and calls. */
  dispatch(input: Input): void;
  /** Nothing goes in or out any more. Idempotent. */
  close(): void;
}

export function createDriver(options: DriverOptions): Driver {
  const { clock, crypto, store, blobs, links, signal, hooks } = options;
  const node = createNode({
    random: options.random,
    signatures: options.signatures,
    hash: (bytes) => crypto.hash(bytes),
    ...(crypto.hasher === undefined ? {} : { hasher: crypto.hasher }),
    ...(options.trail === undefined ? {} : { trail: options.trail }),
  });
  const queue: Input[] = [];
  let running = false;
  let closed = false;
  const isOpen = (): boolean => !closed;

  function dispatch(input: Input): void {
    if (closed) return;
    queue.push(input);
    if (running) return;
    running = true;
    try {
      for (let next = queue.shift(); next !== undefined && isOpen(); next = queue.shift()) {
        for (const effect of node.handle(next, clock.now())) attempt(effect);
      }
    } catch (error) {
      // A fault of ours: whoever waits for what it was about should at least hear of it.
      const message = error instanceof Error ? error.message : String(error);
      hooks.event('problem', { code: 'internal', message });
      throw error;
    } finally {
      running = false;
    }
  }

  /** What a port throws at once is no reason to leave out the effects after it. */
  function attempt(effect: Effect): void {
    try {
      perform(effect);
    } catch (error) {
      const { failure, message } = failureOf(error);
      if ('token' in effect) dispatch({ type: 'store-failed', token: effect.token, failure, message });
      else if (effect.type === 'event') throw error;
      else hooks.event('problem', { code: 'internal', message: `${effect.type}: ${message}` });
    }
  }

  /** A promise of a port becomes an input: its value, or that it failed. */
  function answer<T>(token: Token, work: Promise<T>, input: (value: T) => Input): void {
    work.then(
      (value) => dispatch(input(value)),
      (error: unknown) => dispatch({ type: 'store-failed', token, ...failureOf(error) }),
    );
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'read':
        return answer(effect.token, store.read(effect.table, effect.keys), (values) => ({
          type: 'read',
          token: effect.token,
          values,
        }));
      case 'scan':
        return answer(
          effect.token,
          store.scan(effect.table, effect.prefix, effect.after, effect.limit),
          (rows) => ({ type: 'scanned', token: effect.token, rows }),
        );
      case 'write':
        return answer(effect.token, store.write(effect.ops, effect.durability), () => ({
          type: 'written',
          token: effect.token,
        }));
      case 'verify':
        return answer(effect.token, crypto.verify(effect.items), (ok) => ({
          type: 'verified',
          token: effect.token,
          ok,
        }));
      case 'ingest':
        return answer(effect.token, blobs.ingest(effect.bytes), (blob) => ({
          type: 'ingested',
          token: effect.token,
          blob,
        }));
      case 'hash-blob':
        return answer(effect.token, blobs.hash(effect.blocks), (hash) => ({
          type: 'hashed',
          token: effect.token,
          hash,
        }));
      case 'assemble':
        return answer(effect.token, blobs.assemble(effect.hash), (bytes) => ({
          type: 'assembled',
          token: effect.token,
          bytes,
        }));
      case 'check-files':
        return answer(
          effect.token,
          store.checkFiles?.(effect.repair) ?? Promise.resolve({ files: 0, loose: 0 }),
          (files) => ({ type: 'files-checked', token: effect.token, files }),
        );
      case 'estimate':
        return answer(effect.token, options.disk?.estimate() ?? Promise.resolve(null), (estimate) => ({
          type: 'estimated',
          token: effect.token,
          estimate,
        }));
      case 'wake':
        return clock.wake(effect.at, () => dispatch({ type: 'tick' }));
      case 'link-open':
        return links.open(effect.link, { initiator: effect.initiator });
      case 'link-signal':
        return links.signal(effect.link, effect.data);
      case 'link-send':
        return links.send(effect.link, effect.frame, effect.lane);
      case 'link-close':
        return links.close(effect.link, effect.reason);
      case 'signal-configure':
        return signal.configure(effect.urls);
      case 'signal-join':
        return signal.join(effect.room);
      case 'signal-leave':
        return signal.leave(effect.room);
      case 'signal-send':
        return signal.send(effect.room, effect.to, effect.payload);
      case 'reply':
        return hooks.reply(effect.id, effect.value);
      case 'refuse':
        return hooks.refuse(effect.id, effect.code, effect.message);
      case 'event':
        return hooks.event(effect.name, effect.payload);
    }
  }

  dispatch({ type: 'start' });

  return {
    dispatch,
    close() {
      closed = true;
      clock.wake(null, () => undefined);
    },
  };
}

const failureOf = (error: unknown) => ({
  failure: error instanceof StoreError ? error.failure : ('internal' as const),
  message: error instanceof Error ? error.message : String(error),
});
