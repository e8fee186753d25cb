// The Signal port over WebSockets: which endpoint, when to try again, which rooms to be in. Must not know groves,
// nor what a payload means. What is received was parsed by signal-socket.ts; it is still checked against what was asked.
import { ThicketError } from '../core/model/errors.ts';
import type { Signal, SignalEvent } from '../core/ports.ts';
import { CLIENT, ROOMS_PER_CONNECTION, SERVER } from '../signal/config.ts';
import type { FromEndpoint, SignalErrorCode } from '../signal/protocol.ts';
import { isMember, isRoom, PAYLOAD_BYTES } from '../signal/protocol.ts';
import type { SignalSocket, SocketConstructor } from './signal-socket.ts';
import { openSignalSocket } from './signal-socket.ts';

export interface WsSignalOptions {
  /** Never called from within a method of the port. */
  onEvent(event: SignalEvent): void;
  /** Jitter: 0 up to, not including, 1. */
  random(): number;
  /** Default: the platform's. */
  WebSocketImpl?: SocketConstructor;
}

export interface WsSignal extends Signal {
  /** The network seems to be back: checks the connection, or tries at once to make one. */
  retry(): void;
  /** Idempotent. No event comes after it, and calls do nothing. */
  close(): void;
}

/** `waiting`: to be asked for. `asked`: no answer yet, or refused. */
type Membership = 'waiting' | 'asked' | 'joined';

const REFUSALS: Readonly<Partial<Record<SignalErrorCode, string>>> = {
  'room-full': 'A room is full. Trying again in a while.',
  'too-many-rooms': 'The endpoint allows no more rooms. Trying again in a while.',
  'too-fast': 'The endpoint dropped some messages: too many at once.',
};

export function createWsSignal(options: WsSignalOptions): WsSignal {
  const WebSocketImpl = options.WebSocketImpl ?? globalThis.WebSocket;
  const wanted = new Map<string, Membership>();
  const outbox: SignalEvent[] = [];
  let urls: readonly string[] = [];
  /** The open connection, the place of its address in `urls`, and since when. */
  let current: { socket: SignalSocket; index: number; since: number } | null = null;
  /** The connection that is being made: the first, or a better one than `current`. */
  let trying: SignalSocket | null = null;
  /** Of the next try: after a failure, or for a better endpoint while on a lesser one. */
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Of asking again for the rooms that were refused. */
  let askTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let reported = '';
  let closed = false;

  return { configure, join, leave, send, retry, close };

  function configure(list: readonly string[]): void {
    if (closed) return;
    const next = [...new Set(list.map(signalUrl).filter((url) => url !== null))].slice(0, CLIENT.endpoints);
    if (next.length > 0 && next.join(' ') === urls.join(' ')) {
      retry();
      return;
    }
    hangUp();
    urls = next;
    failures = 0;
    if (urls.length > 0) dial(0);
    else report(false, null, list.length > 0 ? 'No endpoint has a usable address.' : 'No endpoint is set.');
  }

  function join(room: string): void {
    if (!isRoom(room))
      throw new ThicketError('invalid', `room: 64 hex digits are needed, not "${String(room)}"`);
    if (closed || wanted.has(room)) return;
    if (wanted.size >= CLIENT.rooms)
      throw new ThicketError('busy', `rooms: at most ${CLIENT.rooms} are kept, and one more was asked for`);
    wanted.set(room, 'waiting');
    ask();
  }

  function leave(room: string): void {
    const membership = wanted.get(room);
    if (membership === undefined || closed) return;
    wanted.delete(room);
    if (membership !== 'waiting') current?.socket.send({ type: 'leave', room });
    ask();
  }

  function send(room: string, to: string | null, payload: Uint8Array): void {
    if (to !== null && !isMember(to))
      throw new ThicketError('invalid', `to: 32 hex digits are needed, not "${String(to)}"`);
    if (payload.length > PAYLOAD_BYTES)
      throw new ThicketError('too-large', `payload: at most ${PAYLOAD_BYTES} bytes, not ${payload.length}`);
    if (wanted.get(room) === 'joined') current?.socket.send({ type: 'send', room, to, payload });
  }

  function retry(): void {
    if (closed || urls.length === 0) return;
    if (current) current.socket.check();
    else if (!trying) {
      clearTimeout(timer);
      failures = 0;
      dial(0);
    }
  }

  function close(): void {
    if (closed) return;
    hangUp();
    closed = true;
    outbox.length = 0;
    wanted.clear();
  }

  /** Tries the addresses in order of preference, then waits. */
  function dial(index: number): void {
    trying = connect(index, (reason) => {
      if (index + 1 < urls.length) dial(index + 1);
      else wait(reason, urls[index] ?? null);
    });
    // The first attempt is no news: who hears nothing yet is connecting.
    if (reported !== '') report(false, urls[index] ?? null, 'Connecting.');
  }

  /** On a lesser endpoint: a better one may be back, and others may be waiting there. */
  function dialBetter(index: number): void {
    if (!current) return;
    if (index < current.index) trying = connect(index, () => dialBetter(index + 1));
    else timer = setTimeout(() => dialBetter(0), CLIENT.preferMs);
  }

  function connect(index: number, onFailed: (reason: string) => void): SignalSocket {
    let opened = false;
    const socket = openSignalSocket({
      url: urls[index] ?? '',
      WebSocketImpl,
      onMessage,
      onOpen() {
        opened = true;
        adopt(socket, index);
      },
      onDown(reason) {
        if (opened) {
          lost(reason);
          return;
        }
        trying = null;
        onFailed(reason);
      },
    });
    return socket;
  }

  function adopt(socket: SignalSocket, index: number): void {
    trying = null;
    if (current) {
      current.socket.close();
      report(false, socket.url, 'Moving to a preferred endpoint.');
    }
    current = { socket, index, since: performance.now() };
    report(true, socket.url, null);
    askForAll();
    if (index > 0) timer = setTimeout(() => dialBetter(0), CLIENT.preferMs);
  }

  function lost(reason: string): void {
    const { socket, since } = current ?? { socket: null, since: 0 };
    if (performance.now() - since >= CLIENT.heldMs) failures = 0;
    hangUp();
    wait(reason, socket?.url ?? null);
  }

  function wait(reason: string, url: string | null): void {
    const full = Math.min(CLIENT.backoffMaxMs, CLIENT.backoffMs * 2 ** failures);
    // Full jitter: all clients of an endpoint that restarts wait for it at the same time.
    const delay = Math.max(CLIENT.backoffMinMs, full * options.random());
    failures += 1;
    timer = setTimeout(() => dial(0), delay);
    report(false, url, `The endpoint ${reason}. Trying again in ${(delay / 1000).toFixed(1)} s.`);
  }

  function hangUp(): void {
    clearTimeout(timer);
    clearTimeout(askTimer);
    current?.socket.close();
    trying?.close();
    current = null;
    trying = null;
  }

  function onMessage(message: FromEndpoint): void {
    switch (message.type) {
      case 'joined':
        if (!wanted.has(message.room)) return;
        wanted.set(message.room, 'joined');
        emit({ type: 'signal-joined', room: message.room, members: message.members });
        if (current && ![...wanted.values()].includes('asked')) report(true, current.socket.url, null);
        return;
      case 'left':
        if (wanted.get(message.room) === 'joined')
          emit({ type: 'signal-left', room: message.room, member: message.member });
        return;
      case 'message':
        if (wanted.get(message.room) === 'joined')
          emit({ type: 'signal-message', room: message.room, from: message.from, payload: message.payload });
        return;
      case 'error':
        onRefused(message.code);
        return;
      case 'entered':
        if (wanted.get(message.room) === 'joined')
          emit({ type: 'signal-entered', room: message.room, member: message.member });
        return;
      case 'pong':
        return;
    }
  }

  function onRefused(code: SignalErrorCode): void {
    const reason = REFUSALS[code];
    if (reason === undefined || !current) return;
    report(true, current.socket.url, reason);
    clearTimeout(askTimer);
    askTimer = setTimeout(() => {
      for (const [room, membership] of wanted) if (membership === 'asked') wanted.set(room, 'waiting');
      ask();
    }, CLIENT.askAgainMs);
  }

  function askForAll(): void {
    for (const room of wanted.keys()) wanted.set(room, 'waiting');
    ask();
  }

  /** As many of the rooms wanted as the endpoint allows, the oldest first; the others wait for a place. */
  function ask(): void {
    if (!current) return;
    let places = ROOMS_PER_CONNECTION;
    for (const membership of wanted.values()) if (membership !== 'waiting') places -= 1;
    for (const [room, membership] of wanted) {
      if (places <= 0) return;
      if (membership !== 'waiting') continue;
      places -= 1;
      wanted.set(room, 'asked');
      current.socket.send({ type: 'join', room });
    }
  }

  function report(up: boolean, url: string | null, reason: string | null): void {
    const text = `${up} ${url ?? ''} ${reason ?? ''}`;
    if (text === reported) return;
    reported = text;
    emit({ type: 'signal-state', up, url, reason });
  }

  /** Later, so that a caller is never called back before its own call returns; in order. */
  function emit(event: SignalEvent): void {
    outbox.push(event);
    if (outbox.length === 1) queueMicrotask(flush);
  }

  function flush(): void {
    for (const event of outbox.splice(0)) if (!isClosed()) options.onEvent(event);
  }

  function isClosed(): boolean {
    return closed;
  }
}

/**
 * The WebSocket address of an endpoint given as `ws:`, `wss:`, `http:` or `https:` URL, or null. Of a site's address
 * it is the path `/signal` below it.
 */
export function signalUrl(text: string): string | null {
  if (text.length > CLIENT.urlLength || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return null;
  const web = url.protocol === 'http:' || url.protocol === 'https:';
  if (!web && url.protocol !== 'ws:' && url.protocol !== 'wss:') return null;
  const scheme = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss' : 'ws';
  const site = url.pathname.replace(/\/+$/, '');
  const path = (web || site === '') && !site.endsWith(SERVER.path) ? site + SERVER.path : url.pathname;
  return `${scheme}://${url.host}${path}${url.search}`;
}
