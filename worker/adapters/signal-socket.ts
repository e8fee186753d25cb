// One connection to a signaling endpoint: opens it within a time, keeps it alive by pings, parses what arrives.
// Must not know rooms wanted, other endpoints or retries.
import { CLIENT } from '../signal/config.ts';
import type { FromEndpoint, ToEndpoint } from '../signal/protocol.ts';
import { encodeToEndpoint, parseFromEndpoint, SUBPROTOCOL } from '../signal/protocol.ts';

/** The slice of WebSocket that is used, so that Node's `ws` will do. */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}
export type SocketConstructor = new (url: string, protocol: string) => SocketLike;

export interface SignalSocket {
  readonly url: string;
  /** Dropped before the socket is open and while it is congested. */
  send(message: ToEndpoint): void;
  /** Asks for a sign of life now. */
  check(): void;
  /** Idempotent. No callback comes after it. */
  close(): void;
}

export interface SignalSocketOptions {
  url: string;
  WebSocketImpl: SocketConstructor;
  onOpen: () => void;
  onMessage: (message: FromEndpoint) => void;
  /** Once, and last. `reason` is a predicate of "the endpoint"; the socket may never have been open. */
  onDown: (reason: string) => void;
}

export function openSignalSocket(options: SignalSocketOptions): SignalSocket {
  const { url, onOpen, onMessage, onDown } = options;
  let state: 'opening' | 'open' | 'closed' = 'opening';
  const socket = create();
  let timer = setTimeout(
    () =>
      down(
        socket ? `did not answer within ${CLIENT.connectTimeoutMs / 1000} s` : 'may not be reached from here',
      ),
    socket ? CLIENT.connectTimeoutMs : 0,
  );
  if (socket) listen(socket);
  return { url, send, check, close };

  /** Null where the platform forbids the address, as an https page's does ws: ones. */
  function create(): SocketLike | null {
    try {
      return new options.WebSocketImpl(url, SUBPROTOCOL);
    } catch (error) {
      if (error instanceof Error) return null;
      throw error;
    }
  }

  function listen(to: SocketLike): void {
    to.binaryType = 'arraybuffer';
    to.addEventListener('open', () => {
      if (state !== 'opening') return;
      state = 'open';
      rest();
      onOpen();
    });
    to.addEventListener('message', ({ data }) => {
      if (state !== 'open' || !(data instanceof ArrayBuffer)) return;
      const message = parseFromEndpoint(new Uint8Array(data));
      if (!message) return;
      rest();
      onMessage(message);
    });
    to.addEventListener('close', ({ code, reason }) => down(clauseFor(state === 'open', code, reason)));
    // `close` follows and says more; without a listener Node's sockets would throw.
    to.addEventListener('error', () => undefined);
  }

  function send(message: ToEndpoint): void {
    if (state !== 'open' || !socket || socket.bufferedAmount > CLIENT.queueBytes) return;
    socket.send(encodeToEndpoint(message));
  }

  /** Whatever was heard is a sign of life: the next ping is due that much later. */
  function rest(): void {
    clearTimeout(timer);
    timer = setTimeout(check, CLIENT.pingMs);
  }

  function check(): void {
    if (state !== 'open') return;
    send({ type: 'ping' });
    clearTimeout(timer);
    timer = setTimeout(() => down(`was silent for ${CLIENT.pongMs / 1000} s after a ping`), CLIENT.pongMs);
  }

  function down(reason: string): void {
    if (state === 'closed') return;
    close();
    onDown(reason);
  }

  function close(): void {
    if (state === 'closed') return;
    state = 'closed';
    clearTimeout(timer);
    socket?.close();
  }
}

/** The reason is the endpoint's text: a hint for people, at most 123 bytes by the WebSocket standard. */
function clauseFor(opened: boolean, code: number, reason: string): string {
  if (!opened) return 'cannot be reached';
  return reason === '' ? `closed the connection (code ${code})` : `closed the connection: ${reason}`;
}
