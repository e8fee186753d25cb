// A connection to the endpoint that speaks its protocol and is no peer: for tests that send what no peer would.
import { WebSocket } from 'ws';
import { encodeToEndpoint, parseFromEndpoint, SUBPROTOCOL } from '../../worker/signal/protocol.ts';
import type { FromEndpoint, ToEndpoint } from '../../worker/signal/protocol.ts';
import { until } from './harness.ts';

export interface RawClient {
  readonly received: FromEndpoint[];
  send(message: ToEndpoint): void;
  /** Resolves once the endpoint says so. */
  join(room: string): Promise<Extract<FromEndpoint, { type: 'joined' }>>;
  close(): void;
}

/** `url` is the server's, `http://host:port`. */
export async function connectRaw(url: string): Promise<RawClient> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/signal`, SUBPROTOCOL);
  socket.binaryType = 'arraybuffer';
  const received: FromEndpoint[] = [];
  socket.on('message', (data) => {
    const message = data instanceof ArrayBuffer ? parseFromEndpoint(new Uint8Array(data)) : null;
    if (message !== null) received.push(message);
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const send = (message: ToEndpoint): void => socket.send(encodeToEndpoint(message));
  return {
    received,
    send,
    async join(room) {
      send({ type: 'join', room });
      return until(
        () =>
          Promise.resolve(
            received.find(
              (message): message is Extract<FromEndpoint, { type: 'joined' }> =>
                message.type === 'joined' && message.room === room,
            ),
          ),
        `entering ${room}`,
      );
    },
    close: () => socket.terminate(),
  };
}
