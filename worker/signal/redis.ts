// The backplane over Redis: publish and subscribe, nothing stored. The only importer of the redis package, loaded where
// `REDIS_URL` asks for it. Must not know rooms, nor what its messages mean.
import { createClient } from 'redis';
import type { ConnectBackplane } from './backplane.ts';
import { CLUSTER } from './config.ts';

/** So that others may use the same Redis. The number changes with the messages. */
const PREFIX = 'thicket.1.';

/** Rejects where Redis cannot be reached at the start; later it is tried again for good. */
export function redisBackplane(url: string, log: (line: string) => void): ConnectBackplane {
  return async ({ onMessage, onReturn }) => {
    let started = false;
    let away = false;
    let closed = false;
    const publisher = createClient({
      url,
      disableOfflineQueue: true, // what waited would be old news: what was missed is asked for
      commandsQueueMaxLength: CLUSTER.queued,
      socket: { reconnectStrategy: again },
    });
    // One that subscribes may do nothing else. It subscribes again by itself when it is back.
    const subscriber = publisher.duplicate({ disableOfflineQueue: false });
    for (const client of [publisher, subscriber]) {
      client.on('error', (error: unknown) => {
        if (started && !away && !closed) log(`The backplane is away: ${reasonOf(error)}`);
        away = started;
      });
      client.on('ready', () => {
        if (!away || !publisher.isReady || !subscriber.isReady) return;
        away = false;
        log('The backplane is back.');
        onReturn();
      });
    }
    try {
      await Promise.all([publisher.connect(), subscriber.connect()]);
    } catch (error) {
      publisher.destroy();
      subscriber.destroy();
      throw error;
    }
    started = true;

    function again(tries: number, cause: Error): number | Error {
      if (!started) return cause;
      const most = Math.min(CLUSTER.retryMaxMs, CLUSTER.retryMs * 2 ** Math.min(tries, 16));
      return Math.max(CLUSTER.retryMs, most * Math.random());
    }

    return {
      publish(channel, data) {
        publisher.publish(PREFIX + channel, Buffer.from(data)).catch(() => {
          // Away, which was said; or too much at once. Both are as if it were lost on the way, which it may be.
          away ||= !publisher.isReady;
        });
      },
      async subscribe(channel) {
        await subscriber.subscribe(
          PREFIX + channel,
          (data: Buffer) => {
            if (!closed) onMessage(channel, new Uint8Array(data));
          },
          true,
        );
      },
      unsubscribe(channel) {
        subscriber.unsubscribe(PREFIX + channel).catch((error: unknown) => {
          if (!closed && !away) log(`The backplane refused to unsubscribe: ${reasonOf(error)}`);
        });
      },
      async close() {
        if (closed) return;
        closed = true;
        // The last word was published just now: it is let out first.
        if (publisher.isReady) await publisher.ping().catch(() => 'gone');
        publisher.destroy();
        subscriber.destroy();
      },
    };
  };
}

/** Of Redis and the network, not of anybody who uses the endpoint. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
