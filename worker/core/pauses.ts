// Peers that a person set aside in a grove until this device starts anew (SPEC Y4). Knows not what that means.
import type { GroveId, PeerId } from './model/ids.ts';

/** More than anyone sets aside by hand. */
const MOST = 1_024;

export interface Pauses {
  has(grove: GroveId, peer: PeerId): boolean;
  /** False where that is how it was, or too many are paused. */
  set(grove: GroveId, peer: PeerId, on: boolean): boolean;
}

export function createPauses(): Pauses {
  const paused = new Set<string>();
  const key = (grove: GroveId, peer: PeerId): string => `${grove}/${peer}`;
  return {
    has: (grove, peer) => paused.has(key(grove, peer)),
    set(grove, peer, on) {
      if (!on) return paused.delete(key(grove, peer));
      if (paused.has(key(grove, peer)) || paused.size >= MOST) return false;
      paused.add(key(grove, peer));
      return true;
    },
  };
}
