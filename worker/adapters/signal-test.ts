// Whether a signaling address answers: one connection, one round trip, and goodbye. Joins no room, says nothing of us.
import { CLIENT } from '../signal/config.ts';
import type { SignalSocket, SocketConstructor } from './signal-socket.ts';
import { openSignalSocket } from './signal-socket.ts';
import { signalUrl } from './signal-ws.ts';

export interface EndpointTest {
  ok: boolean;
  /** From the first byte to the answer, or until it was given up. */
  ms: number;
  /** The address that was tried; null where the text is none. */
  url: string | null;
  /** Where it isn't ok: a sentence. */
  reason: string | null;
}

export interface EndpointTestOptions {
  /** ms, growing. */
  now(): number;
  /** Default: the platform's. */
  WebSocketImpl?: SocketConstructor;
}

/** Always resolves, within CLIENT.testMs. */
export function testEndpoint(text: string, options: EndpointTestOptions): Promise<EndpointTest> {
  const url = signalUrl(text);
  if (url === null)
    return Promise.resolve({ ok: false, ms: 0, url, reason: 'This is no address of an endpoint.' });
  const started = options.now();
  return new Promise((resolve) => {
    let socket: SignalSocket | null = null;
    const end = (reason: string | null): void => {
      clearTimeout(timer);
      socket?.close();
      resolve({ ok: reason === null, ms: Math.round(options.now() - started), url, reason });
    };
    const timer = setTimeout(
      () => end(`The endpoint did not answer within ${CLIENT.testMs / 1000} s.`),
      CLIENT.testMs,
    );
    socket = openSignalSocket({
      url,
      WebSocketImpl: options.WebSocketImpl ?? globalThis.WebSocket,
      onOpen: () => socket?.check(),
      onMessage: ({ type }) => {
        if (type === 'pong') end(null);
      },
      onDown: (reason) => end(`The endpoint ${reason}.`),
    });
  });
}
