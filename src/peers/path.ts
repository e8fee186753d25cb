// How packets go to each peer, by peer instead of by link. Pure.
import type { LinkPath, PeerInfo } from '../../worker/rpc/api.ts';

export interface PeerPath extends LinkPath {
  /** By a TURN server of either side. */
  relayed: boolean;
}

export const noPaths = (): ReadonlyMap<string, PeerPath> => new Map();

export function pathsByPeer(peers: readonly PeerInfo[], paths: readonly LinkPath[]): Map<string, PeerPath> {
  const byLink = new Map(paths.map((path) => [path.link, path]));
  return new Map(
    peers.flatMap(({ peerId, link }) => {
      const path = link === null ? undefined : byLink.get(link.id);
      if (path === undefined) return [];
      return [[peerId, { ...path, relayed: path.local === 'relay' || path.remote === 'relay' }]];
    }),
  );
}
