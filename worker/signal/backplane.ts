// Joins this endpoint with others to one (SPEC E9): between the cluster machine and whatever carries its messages. Must
// not know Redis, rooms or sockets.
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { CLUSTER } from './config.ts';
import type { Cluster, Told } from './elsewhere.ts';
import { createCluster, NODE_BYTES } from './elsewhere.ts';

/** Publish and subscribe by channel, in order, at most once. */
export interface Backplane {
  /** What can't be sent now is lost. */
  publish(channel: string, data: Uint8Array): void;
  /** Resolves once what is published there is heard. */
  subscribe(channel: string): Promise<void>;
  unsubscribe(channel: string): void;
  /** Idempotent. No event comes after it. */
  close(): Promise<void>;
}

export interface BackplaneEvents {
  onMessage(channel: string, data: Uint8Array): void;
  /** It is back, and anything may have been missed meanwhile. */
  onReturn(): void;
}

export type ConnectBackplane = (events: BackplaneEvents) => Promise<Backplane>;

export interface Joined {
  readonly cluster: Cluster;
  /** Carries out what the machine has asked for. */
  flush(): void;
  close(): Promise<void>;
}

export async function joinBackplane(
  connect: ConnectBackplane,
  options: { onTold: (told: readonly Told[]) => void; log: (line: string) => void },
): Promise<Joined> {
  const { onTold, log } = options;
  const cluster = createCluster(randomBytes(NODE_BYTES).toString('hex'));
  const plane = await connect({
    onMessage(channel, data) {
      onTold(cluster.receive(channel, data, performance.now()));
      flush();
    },
    onReturn() {
      cluster.resync();
      flush();
    },
  });
  const beat = (): void => {
    onTold(cluster.beat(performance.now()));
    flush();
  };
  const timer = setInterval(beat, CLUSTER.beatMs);
  beat();
  return { cluster, flush, close };

  function flush(): void {
    for (const effect of cluster.take()) {
      if (effect.type === 'publish') plane.publish(effect.channel, effect.data);
      else if (effect.type === 'unsubscribe') plane.unsubscribe(effect.channel);
      else void subscribe(effect.channel);
    }
  }

  async function subscribe(channel: string): Promise<void> {
    try {
      await plane.subscribe(channel);
      cluster.subscribed(channel);
      flush();
    } catch {
      // Not with its name, which is a room's. It is subscribed and asked for when the carrier returns.
      log('The backplane refused a subscription.');
    }
  }

  async function close(): Promise<void> {
    clearInterval(timer);
    cluster.close();
    flush();
    await plane.close();
  }
}
