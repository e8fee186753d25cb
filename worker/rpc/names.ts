// The names under which the tabs and workers of one peer find each other. `peer` is `?peer=NAME`.

const PEER = /^[a-z0-9-]{1,32}$/;
export const DEFAULT_PEER = 'main';

/** The peer's name if it is one: 1-32 of a-z, 0-9 and `-`. */
export const asPeerName = (text: string): string | null => (PEER.test(text) ? text : null);

/** Name of a worker. A higher generation takes the place of one that hangs. */
export const workerName = (peer: string, generation: number): string => `thicket/${peer}/${generation}`;

export function parseWorkerName(name: string): { peer: string; generation: number } | null {
  const [, peer = '', generation = ''] = /^thicket\/([^/]+)\/(\d{1,9})$/.exec(name) ?? [];
  return asPeerName(peer) === null ? null : { peer, generation: Number(generation) };
}

/** Web Lock: who may write the peer's database (D2). */
export const writerLock = (peer: string): string => `peer:${peer}`;
/** Web Lock: held by each SharedWorker while it lives, so that new tabs find the newest and others learn of its end. */
export const generationLock = (peer: string, generation: number): string => `worker:${peer}:${generation}`;
/** Web Lock: the tab that runs the dedicated worker. */
export const hostLock = (peer: string): string => `host:${peer}`;
/** Web Lock: held by a tab while it lives. */
export const tabLock = (peer: string, tab: string): string => `tab:${peer}:${tab}`;
/** BroadcastChannel of the peer's tabs and workers: generations, and the way to the dedicated worker. */
export const peerChannel = (peer: string): string => `thicket/${peer}`;

/** The highest generation whose worker lives, or null. */
export function newestGeneration(peer: string, held: readonly (string | undefined)[]): number | null {
  const prefix = generationLock(peer, 0).slice(0, -1);
  let newest: number | null = null;
  for (const name of held) {
    if (!name?.startsWith(prefix)) continue;
    const generation = Number(name.slice(prefix.length));
    if (Number.isSafeInteger(generation) && generation > (newest ?? -1)) newest = generation;
  }
  return newest;
}

/** What is said on the peer's channel. */
export type PeerMessage =
  /** A worker of this generation was started because the ones before it hang. */
  | { type: 'generation'; generation: number }
  /** This tab runs the dedicated worker now. */
  | { type: 'host' }
  /** A tab asks the one that runs the dedicated worker to join it by a channel of this name. */
  | { type: 'seek'; channel: string };

export function parsePeerMessage(data: unknown): PeerMessage | null {
  if (data === null || typeof data !== 'object' || !('type' in data)) return null;
  if (data.type === 'host') return { type: 'host' };
  if (data.type === 'seek' && 'channel' in data && typeof data.channel === 'string') {
    return { type: 'seek', channel: data.channel };
  }
  if (data.type !== 'generation' || !('generation' in data)) return null;
  return Number.isSafeInteger(data.generation) && Number(data.generation) >= 0
    ? { type: 'generation', generation: Number(data.generation) }
    : null;
}
