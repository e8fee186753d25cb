// A signaling client whose sockets' other side is the test.
import { vi } from 'vitest';
import { createWsSignal } from '../../../worker/adapters/signal-ws.ts';
import type { SignalEvent } from '../../../worker/core/ports.ts';
import type { FromEndpoint, ToEndpoint } from '../../../worker/signal/protocol.ts';
import { encodeFromEndpoint, parseToEndpoint } from '../../../worker/signal/protocol.ts';

export const ONE = 'ws://one.example/signal';
export const TWO = 'ws://two.example/signal';
export const room = (n: number): string => n.toString(16).padStart(64, '0');
export const ROOM = room(1);
export const ME = '01'.repeat(16);
export const THEM = '02'.repeat(16);

type Listener = (event: { data: unknown; code: number; reason: string }) => void;

/** A WebSocket whose other side is the test. */
export class FakeSocket {
  static made: FakeSocket[] = [];
  binaryType = '';
  bufferedAmount = 0;
  closed = false;
  sent: (ToEndpoint | null)[] = [];
  readonly url: string;
  private readonly listeners = new Map<string, Listener>();
  constructor(url: string) {
    if (url.includes('forbidden')) throw new DOMException('insecure', 'SecurityError');
    this.url = url;
    FakeSocket.made.push(this);
  }
  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, listener);
  }
  send(data: Uint8Array): void {
    this.sent.push(parseToEndpoint(data));
  }
  close(): void {
    this.closed = true;
  }
  /** What the network does. */
  fire(type: 'open' | 'message' | 'close', event: Partial<Parameters<Listener>[0]> = {}): void {
    this.listeners.get(type)?.({ data: null, code: 1006, reason: '', ...event });
  }
  tell(message: FromEndpoint): void {
    this.fire('message', { data: encodeFromEndpoint(message).buffer });
  }
}

/** Lets microtasks run: events are delivered after the call that caused them. */
export const settle = () => vi.advanceTimersByTimeAsync(0);
export const last = (): FakeSocket => {
  const socket = FakeSocket.made.at(-1);
  if (!socket) throw new Error('no socket was made');
  return socket;
};

export function setup(urls: readonly string[] = [ONE]) {
  const events: SignalEvent[] = [];
  const signal = createWsSignal({
    onEvent: (event) => events.push(event),
    random: () => 0.5,
    WebSocketImpl: FakeSocket,
  });
  signal.configure(urls);
  const state = () => events.filter((event) => event.type === 'signal-state').at(-1);
  return { signal, events, state };
}
