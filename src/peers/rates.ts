// Bytes per second of each link, from what was counted then and now. Pure.
import type { PeerInfo } from '../../worker/rpc/api.ts';

export interface Rate {
  /** Bytes per second. */
  out: number;
  in: number;
}
export const noRates = (): ReadonlyMap<string, Rate> => new Map();
export interface Sample {
  at: number;
  /** By link: another link to the same peer counts from nothing. */
  links: ReadonlyMap<string, { sent: number; received: number }>;
}

export const sampleOf = (peers: readonly PeerInfo[], at: number): Sample => ({
  at,
  links: new Map(peers.flatMap(({ link }) => (link === null ? [] : [[`${link.id} ${link.since}`, link]]))),
});

/** By peer. A link that wasn't there before has no rate yet. */
export function ratesOf(before: Sample | null, peers: readonly PeerInfo[], at: number): Map<string, Rate> {
  const rates = new Map<string, Rate>();
  const seconds = before === null ? 0 : (at - before.at) / 1000;
  if (before === null || seconds <= 0) return rates;
  for (const { peerId, link } of peers) {
    const then = link === null ? undefined : before.links.get(`${link.id} ${link.since}`);
    if (link === null || then === undefined) continue;
    const per = (now: number, earlier: number): number => Math.max(0, now - earlier) / seconds;
    rates.set(peerId, { out: per(link.sent, then.sent), in: per(link.received, then.received) });
  }
  return rates;
}
