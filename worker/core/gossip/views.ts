// The active and the passive view of HyParView: who is in them, and who makes place (P2). Knows no frame or link.
import type { PeerId } from '../model/ids.ts';
import type { Random } from '../ports.ts';
import type { MembershipLimits } from './config.ts';
import { pick } from './draw.ts';

export interface Views {
  isActive(peer: PeerId): boolean;
  isPassive(peer: PeerId): boolean;
  /** Longest-standing first. */
  active(): PeerId[];
  passive(): PeerId[];
  readonly degree: number;
  /** More than wanted by so many that one may be let go; below it there is a place for who is met again. */
  isCrowded(): boolean;
  /** `chosen`: by this device, not taken at the other's wish. */
  activate(peer: PeerId, now: number, chosen: boolean): void;
  deactivate(peer: PeerId): boolean;
  /** `sent`: told to others meanwhile, so the first to make place. */
  addPassive(peer: PeerId, sent?: PeerId[]): void;
  dropPassive(peer: PeerId): void;
  /**
   * A neighbour that may be let go, of those that are so for `least` ms. The longest-standing never are, and the chosen
   * last, so that a crowd that knocks doesn't take the place of the others; of equals first those who push nothing here.
   */
  surplus(now: number, least: number): PeerId | undefined;
}

export interface ViewsOptions {
  limits: MembershipLimits;
  random: Random;
  /** Too old to be dialled or told: makes place before others. */
  isStale(peer: PeerId): boolean;
  /** New entries go over its link: without it they'd have to find another way first. */
  isEager(peer: PeerId): boolean;
}

export function createViews({ limits, random, isStale, isEager }: ViewsOptions): Views {
  /** In the order in which they became so. */
  const active = new Map<PeerId, { since: number; chosen: boolean }>();
  const passive = new Set<PeerId>();

  function makePlace(sent: PeerId[] | undefined): void {
    for (let told = sent?.shift(); told !== undefined; told = sent?.shift()) if (passive.delete(told)) return;
    const all = [...passive];
    const victim = pick(random, all.filter(isStale)) ?? pick(random, all);
    if (victim !== undefined) passive.delete(victim);
  }

  return {
    isActive: (peer) => active.has(peer),
    isPassive: (peer) => passive.has(peer),
    active: () => [...active.keys()],
    passive: () => [...passive],
    get degree() {
      return active.size;
    },
    isCrowded: () => active.size > Math.min(limits.want + 1, limits.max - 1),
    activate(peer, now, chosen) {
      passive.delete(peer);
      active.set(peer, { since: now, chosen });
    },
    deactivate: (peer) => active.delete(peer),
    addPassive(peer, sent) {
      if (active.has(peer) || passive.has(peer)) return;
      if (passive.size >= limits.passive) makePlace(sent);
      passive.add(peer);
    },
    dropPassive: (peer) => void passive.delete(peer),
    surplus(now, least) {
      const loose = [...active].slice(limits.min).filter(([, { since }]) => now - since >= least);
      const useless = (of: typeof loose): typeof loose => {
        const idle = of.filter(([peer]) => !isEager(peer));
        return idle.length > 0 ? idle : of;
      };
      const taken = loose.filter(([, { chosen }]) => !chosen);
      return pick(random, useless(taken.length > 0 ? taken : loose))?.[0];
    },
  };
}
