// The Signal port: one connection to the simulated endpoint, made again with a jittered, doubling wait. Speaks the
// production protocol.
import type { SeededRandom } from '../../../worker/core/model/random.ts';
import type { Signal, SignalEvent } from '../../../worker/core/ports.ts';
import { CLIENT } from '../../../worker/signal/config.ts';
import { encodeToEndpoint, type FromEndpoint, type ToEndpoint } from '../../../worker/signal/protocol.ts';
import type { Dialled, Endpoint } from '../endpoint.ts';
import type { Scheduler, Timer } from '../scheduler.ts';

export interface SimSignal extends Signal {
  /** The process is gone. Without power, the endpoint isn't told. */
  stop(kind: 'kill' | 'power'): void;
}

export function createSimSignal(options: {
  scheduler: Scheduler;
  endpoint: Endpoint;
  random: SeededRandom;
  host: number;
  emit(event: SignalEvent): void;
}): SimSignal {
  const { scheduler, endpoint, random, host, emit } = options;
  const wanted = new Set<string>();
  let conn: number | null = null;
  let dialled: Dialled | null = null;
  let timer: Timer | null = null;
  let failures = 0;
  let stopped = false;

  function tell(message: ToEndpoint): void {
    if (conn !== null) endpoint.send(conn, encodeToEndpoint(message));
  }

  function onMessage(message: FromEndpoint): void {
    if (stopped) return;
    if (message.type === 'joined' && wanted.has(message.room)) {
      emit({ type: 'signal-joined', room: message.room, members: message.members });
    } else if (message.type === 'entered' && wanted.has(message.room)) {
      emit({ type: 'signal-entered', room: message.room, member: message.member });
    } else if (message.type === 'left' && wanted.has(message.room)) {
      emit({ type: 'signal-left', room: message.room, member: message.member });
    } else if (message.type === 'message' && wanted.has(message.room)) {
      emit({ type: 'signal-message', room: message.room, from: message.from, payload: message.payload });
    } else if (message.type === 'error' && message.code === 'room-full' && message.room !== null) {
      const { room } = message;
      scheduler.after(CLIENT.askAgainMs, () => {
        if (wanted.has(room)) tell({ type: 'join', room });
      });
    }
  }

  function dial(): void {
    if (dialled !== null || stopped) return;
    const client: Dialled = {
      alive: true,
      onMessage,
      onClose() {
        if (dialled !== client) return;
        const wasUp = conn !== null;
        dialled = null;
        conn = null;
        if (stopped) return;
        if (wasUp) emit({ type: 'signal-state', up: false, url: null, reason: 'the endpoint is gone' });
        failures += 1;
        const wait = Math.min(CLIENT.backoffMaxMs, CLIENT.backoffMs * 2 ** failures);
        timer = scheduler.after(wait * (0.5 + 0.5 * random.float()), dial);
      },
    };
    dialled = client;
    endpoint.dial(host, client, (opened) => {
      if (dialled !== client) return endpoint.hangUp(opened);
      conn = opened;
      failures = 0;
      emit({ type: 'signal-state', up: true, url: 'wss://endpoint.test', reason: null });
      for (const room of wanted) tell({ type: 'join', room });
    });
  }

  return {
    configure(urls) {
      if (urls.length > 0) dial();
    },
    join(room) {
      if (wanted.has(room)) return;
      wanted.add(room);
      tell({ type: 'join', room });
    },
    leave(room) {
      if (wanted.delete(room)) tell({ type: 'leave', room });
    },
    send(room, to, payload) {
      tell({ type: 'send', room, to, payload });
    },
    stop(kind) {
      stopped = true;
      timer?.cancel();
      if (dialled !== null) dialled.alive = false;
      if (conn !== null && kind === 'kill') endpoint.hangUp(conn);
      dialled = null;
      conn = null;
    },
  };
}
