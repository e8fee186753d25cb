// A thousand real clients of an endpoint that is gone and comes back, in simulated time.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createWsSignal } from '../../../worker/adapters/signal-ws.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { SignalEvent } from '../../../worker/core/ports.ts';
import { createScheduler } from '../../sim/scheduler.ts';
import type { Scheduler, Timer } from '../../sim/scheduler.ts';
import { FakeSocket, ONE, ROOM } from './fake-socket.ts';

const CLIENTS = 1000;
/** ms of a handshake, or of a refusal. */
const DIAL = 20;

let time: Scheduler;
beforeEach(() => {
  time = createScheduler();
  vi.stubGlobal('setTimeout', (run: () => void, delay = 0) => time.after(delay, run));
  vi.stubGlobal('clearTimeout', (timer?: Timer) => timer?.cancel());
  vi.spyOn(performance, 'now').mockImplementation(() => time.now());
  FakeSocket.made = [];
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it.each([
  { said: 'at once', away: 0, spread: 500 },
  { said: 'after 3 s', away: 3_000, spread: 2_000 },
  { said: 'after 10 minutes', away: 600_000, spread: 30_000 },
])(
  'E10: 1,000 clients of an endpoint that is back $said are all back within 60 s, spread out',
  async ({ away, spread }) => {
    const random = createSeededRandom(7);
    let up = true;
    let dials = 0;
    const arrivals: number[] = [];
    const open = new Set<FakeSocket>();
    class Socket extends FakeSocket {
      constructor(url: string) {
        super(url);
        dials += 1;
        time.after(DIAL, () => {
          if (this.closed) return;
          if (up) {
            arrivals.push(time.now());
            open.add(this);
          }
          this.fire(up ? 'open' : 'close');
        });
      }
    }
    const connected = new Set<number>();
    const clients = Array.from({ length: CLIENTS }, (_, n) => {
      const onEvent = (event: SignalEvent): void => {
        if (event.type !== 'signal-state') return;
        if (event.up) connected.add(n);
        else connected.delete(n);
      };
      const client = createWsSignal({ onEvent, random: () => random.float(), WebSocketImpl: Socket });
      client.join(ROOM);
      client.configure([ONE]);
      return client;
    });
    await time.run(DIAL);
    await time.run(0);
    expect(connected.size).toBe(CLIENTS);

    up = away === 0;
    arrivals.length = 0;
    dials = 0;
    for (const socket of [...open]) socket.fire('close');
    await time.run(away);
    const dialsWhileAway = dials;
    if (away > 0) expect(connected.size).toBe(0);
    up = true;
    const start = time.now();
    expect(await time.until(() => connected.size === CLIENTS, 60_000)).not.toBeNull();

    // No tenth of the time over which they are spread sees more than a fifth of them.
    const slots = new Map<number, number>();
    for (const at of arrivals) {
      const slot = Math.floor(((at - start) / spread) * 10);
      slots.set(slot, (slots.get(slot) ?? 0) + 1);
    }
    const most = Math.max(...slots.values());
    // Those that drew less than 0.1 s come at its end.
    expect(most).toBeLessThanOrEqual(away === 0 ? CLIENTS * 0.3 : CLIENTS * 0.2);
    // Nobody hammers: at first some ten tries, later one in 15 s on the average.
    expect(dialsWhileAway).toBeLessThanOrEqual(CLIENTS * (12 + away / 12_000));
    for (const client of clients) client.close();
  },
);
