// The page's end of the wire: calls, events, heartbeat, and starting over when the worker is gone. It must
// not know what a call means, nor how a worker is reached.
import { ERROR_CODES, ThicketError } from '../core/model/errors.ts';
import type { ErrorCode } from '../core/model/errors.ts';
import type { EventName, Events, Method, Methods } from './api.ts';
import { MAX_PENDING, OVERSLEPT, PING_EVERY, WORKER_SILENT, WORKER_STARTING } from './config.ts';
import { createDeferred } from './deferred.ts';
import { ONCE } from './once.ts';
import type { Port } from './port.ts';
import { RPC_VERSION } from './protocol.ts';
import type { FromCarrier, FromPage, ToCarrier, ToPage } from './protocol.ts';

export { ERROR_CODES, ThicketError };
export type { ErrorCode };

export interface ClientOptions {
  /** Opens a way to the worker. `again`: the one before is gone or hung, so it may have to be a new worker. */
  connect(again: boolean): Port;
  /** This tab, and the Web Lock it holds while it lives. */
  tab: string;
  lock: string;
  /** ms since the epoch when the tab was opened. */
  since: number;
  origin: string;
  visible: boolean;
  /** A device that is held in a hand. */
  phone: boolean;
  /** What the worker tells the page that hosts the links. */
  onCarrier(message: ToCarrier): void;
  now(): number;
  /** Calls back every so many ms until the returned function is called. */
  every(ms: number, callback: () => void): () => void;
  uuid(): string;
}

export interface Client {
  /** Resolves with what the worker answers, rejects with a ThicketError. Survives the worker's death. */
  call<M extends Method>(method: M, ...params: Methods[M]['params']): Promise<Methods[M]['result']>;
  /** Returns how to stop listening. */
  on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void;
  /** Resolves once nothing that writes waits for its answer; of what is called meanwhile too. */
  written(): Promise<void>;
  /** Whether something that writes waits for its answer. */
  isWriting(): boolean;
  /** From the links host to the worker. */
  carry(message: FromCarrier, transfer?: Transferable[]): void;
  setVisible(visible: boolean): void;
  /** The worker is gone, or was replaced by another tab's doing: connects and sends again. */
  reconnect(): void;
  /** The worker's first welcome: its build. Rejects with `version` where the worker is of another version. */
  readonly ready: Promise<string>;
  close(): void;
}

interface Pending {
  message: Extract<FromPage, { type: 'call' }>;
  resolve: (value: unknown) => void;
  reject: (error: ThicketError) => void;
}

export function createClient(options: ClientOptions): Client {
  const pending = new Map<number, Pending>();
  /** Those who wait until nothing is being written. */
  const quiet: (() => void)[] = [];
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const ready = createDeferred<string>();
  let port: Port | null = null;
  let visible = options.visible;
  let lastId = 0;
  let pings = 0;
  /** How long the worker may be silent: its first word takes longer. */
  let patience = WORKER_STARTING;
  /** Heard of through the present port. */
  let heard = false;
  let heardAt = options.now();
  let tickedAt = heardAt;
  let refused: ThicketError | null = null;
  let closed = false;
  // Nobody has to wait for it; without this a refusal would count as unhandled.
  ready.promise.catch(ignore);

  const post = (message: FromPage, transfer?: Transferable[]): void => port?.post(message, transfer);

  const emit = <Name extends EventName>(name: Name, payload: Events[Name]): void => {
    for (const listener of [...(listeners.get(name) ?? [])]) {
      (listener as (payload: Events[Name]) => void)(payload);
    }
  };

  const connect = (again: boolean): void => {
    port?.post({ type: 'bye' } satisfies FromPage);
    port?.close();
    if (again) options.onCarrier({ type: 'carry', on: false });
    // The first try may find the worker that hangs; whoever is silent after that is new, and starting.
    patience = heard ? WORKER_SILENT : WORKER_STARTING;
    heard = false;
    heardAt = options.now();
    const opened = options.connect(again);
    port = opened;
    opened.listen((message) => {
      if (opened === port) receive(message as ToPage);
    });
    const { tab, lock, phone, since, origin } = options;
    post({ type: 'hello', version: RPC_VERSION, tab, lock, visible, phone, since, origin });
    for (const { message } of pending.values()) post(message);
    // A page that was refused is told once it is welcome: before, all that it asks is refused.
    if (again && refused === null) emit('restarted', {});
  };

  const refuseAll = (error: ThicketError): void => {
    refused = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
    settled();
  };

  const isWriting = (): boolean => [...pending.values()].some(({ message }) => message.requestId !== null);

  const settled = (): void => {
    if (isWriting()) return;
    for (const done of quiet.splice(0)) done();
  };

  const settle = (id: number): Pending | undefined => {
    const found = pending.get(id);
    pending.delete(id);
    settled();
    return found;
  };

  const receive = (message: ToPage): void => {
    patience = WORKER_SILENT;
    heard = true;
    heardAt = options.now();
    switch (message.type) {
      case 'welcome':
        ready.resolve(message.build);
        // The worker of another version is gone, and this is ours: what was refused may be asked again.
        if (refused !== null) {
          refused = null;
          emit('restarted', {});
        }
        break;
      case 'mismatch': {
        const error = new ThicketError(
          'version',
          `another tab runs version ${message.version} (${message.build}) of this app, this one ${RPC_VERSION}: close the other tabs and reload`,
        );
        ready.reject(error);
        refuseAll(error);
        emit('problem', { code: error.code, message: error.message });
        break;
      }
      case 'pong':
        break;
      case 'result':
        settle(message.id)?.resolve(message.value);
        break;
      case 'error':
        settle(message.id)?.reject(new ThicketError(message.code, message.message));
        break;
      case 'event':
        emit(message.name, message.payload as never);
        break;
      case 'events':
        for (const { name, payload } of message.events) emit(name, payload as never);
        break;
      default:
        options.onCarrier(message);
    }
  };

  const stopTicking = options.every(PING_EVERY, () => {
    const now = options.now();
    // A page that slept finds the worker's answers still in its queue: it must not blame the worker.
    if (now - tickedAt > PING_EVERY + OVERSLEPT) heardAt = now;
    tickedAt = now;
    // Refused by one that is there; where that is gone, the next one may be as silent as any.
    if (refused !== null && heard) return;
    if (now - heardAt >= patience) connect(true);
    post({ type: 'ping', n: ++pings });
  });

  connect(false);

  return {
    ready: ready.promise,
    call<M extends Method>(method: M, ...params: Methods[M]['params']) {
      type Result = Methods[M]['result'];
      if (closed || refused)
        return Promise.reject(refused ?? new ThicketError('aborted', 'this tab was closed'));
      if (pending.size >= MAX_PENDING) {
        return Promise.reject(new ThicketError('busy', `calls: at most ${MAX_PENDING} wait for answers`));
      }
      const id = ++lastId;
      const requestId = ONCE[method] ? options.uuid() : null;
      const message = { type: 'call', id, method, params, requestId } satisfies FromPage;
      return new Promise<Result>((resolve, reject) => {
        try {
          post(message);
        } catch (error) {
          // A function or a DOM node among the arguments cannot be cloned.
          reject(
            new ThicketError(
              'invalid',
              `${method}: ${error instanceof Error ? error.message : String(error)}`,
            ),
          );
          return;
        }
        pending.set(id, { message, resolve: (value) => resolve(value as Result), reject });
      });
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener);
      return () => void set.delete(listener);
    },
    written: () =>
      new Promise((resolve) => {
        quiet.push(resolve);
        settled();
      }),
    isWriting,
    carry: (message, transfer) => post(message, transfer),
    setVisible(now) {
      visible = now;
      post({ type: 'visible', visible });
    },
    reconnect() {
      // Whoever answers now is new.
      heard = false;
      if (!closed) connect(true);
    },
    close() {
      if (closed) return;
      closed = true;
      stopTicking();
      post({ type: 'bye' });
      port?.close();
      port = null;
      refuseAll(new ThicketError('aborted', 'this tab was closed'));
    },
  };
}

const ignore = (): undefined => undefined;
