// The overlay that hundreds of memberships form: its shape, and how it comes about, mends and holds against liars.
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../../worker/core/model/ids.ts';
import { isHostile, isMember, liars } from './liars.ts';
import { grown, numberOf, peerOf, type Overlay } from './overlay.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const passiveViews = (overlay: Overlay): Map<PeerId, Set<PeerId>> =>
  new Map(overlay.alive().map(({ peer, membership }) => [peer, new Set(membership.passive())]));

describe('the overlay', () => {
  it('P2: 200 peers that met one each form one part, symmetric, of 4 to 8 neighbours, 5 to 6.5 on average', () => {
    const overlay = grown({ seed: 1 }, 200, 200, 10 * SECOND);
    overlay.run(MINUTE);
    for (let n = 0; n < 4; n++) {
      overlay.run(20 * SECOND);
      const { least, mean, most } = overlay.degrees();
      expect(least).toBeGreaterThanOrEqual(4);
      expect(most).toBeLessThanOrEqual(8);
      expect(mean).toBeGreaterThan(5);
      expect(mean).toBeLessThan(6.5);
      expect(overlay.parts()).toEqual([200]);
    }
    overlay.settle();
    expect(overlay.asymmetric()).toBe(0);

    // P5: shuffles keep passive views full, spread evenly, and moving.
    const spread = overlay.inDegrees();
    expect(spread[0]).toBeGreaterThanOrEqual(8);
    expect(spread.at(-1)).toBeLessThan(80);
    const before = passiveViews(overlay);
    overlay.run(MINUTE);
    const after = passiveViews(overlay);
    const kept = [...before].map(([peer, view]) => {
      const now = after.get(peer) ?? new Set<PeerId>();
      return [...view].filter((each) => now.has(each)).length / Math.max(1, view.size);
    });
    expect(kept.reduce((a, b) => a + b, 0) / kept.length).toBeLessThan(0.6);
  });

  it('P4: when half die at once, the others are one part again within 30 s', () => {
    const overlay = grown({ seed: 2 }, 240, 240, 10 * SECOND);
    overlay.run(MINUTE);
    for (const { peer } of overlay.alive()) if (overlay.draw() < 0.5) overlay.crash(peer);
    const left = overlay.alive().length;
    overlay.run(30 * SECOND);
    expect(overlay.parts()).toEqual([left]);
    expect(overlay.degrees().least).toBeGreaterThanOrEqual(2);
    overlay.run(MINUTE);
    expect(overlay.degrees().least).toBeGreaterThanOrEqual(4);
  });

  it('P6: parts that were apart for 5 minutes find each other by those they remember', () => {
    const overlay = grown({ seed: 3 }, 90, 90, 5 * SECOND);
    overlay.run(MINUTE);
    const side = (peer: PeerId): number => numberOf(peer) % 3;
    overlay.partition(side);
    overlay.run(5 * MINUTE);
    expect(overlay.parts()).toEqual([30, 30, 30]);
    expect(overlay.alive().every(({ membership }) => membership.active().length >= 4)).toBe(true);
    overlay.reaches = () => true;
    overlay.run(MINUTE);
    expect(overlay.parts()).toEqual([90]);
    overlay.run(2 * MINUTE);
    // Shuffles go across by then, so that it takes no remembered ones any more.
    const views = overlay
      .alive()
      .flatMap(({ peer, membership }) => membership.passive().map((other) => side(peer) !== side(other)));
    expect(views.filter(Boolean).length / views.length).toBeGreaterThan(0.3);
  });

  it('P3: 200 newcomers, each with one link by hand to one of 20, all find their neighbours within 20 s', () => {
    const overlay = grown({ seed: 4 }, 20, 20, 2 * SECOND);
    overlay.run(30 * SECOND);
    for (let n = 20; n < 220; n++)
      overlay.at(overlay.draw() * 2 * SECOND, () => overlay.link(overlay.add(n), peerOf(n % 20)));
    overlay.run(20 * SECOND);
    expect(overlay.parts()).toEqual([220]);
    expect(overlay.degrees().least).toBeGreaterThanOrEqual(3);
    expect(overlay.degrees().most).toBeLessThanOrEqual(8);
  });

  it('P4: both ends agree again soon, however often links break and are replaced', () => {
    const overlay = grown({ seed: 5 }, 60, 60, 2 * SECOND);
    overlay.run(30 * SECOND);
    for (let n = 0; n < 1_500; n++)
      overlay.at(overlay.draw() * MINUTE, () => {
        const node = overlay.alive()[Math.floor(overlay.draw() * 60)];
        const other = node && [...node.links.keys()][Math.floor(overlay.draw() * node.links.size)];
        if (node === undefined || other === undefined) return;
        if (overlay.draw() < 0.5) overlay.replace(node.peer, other);
        else overlay.lose(node.peer, other);
      });
    overlay.run(MINUTE + 20 * SECOND);
    overlay.settle();
    expect(overlay.asymmetric()).toBe(0);
    expect(overlay.parts()).toEqual([60]);
    expect(overlay.degrees().least).toBeGreaterThanOrEqual(4);
  });

  it('P7: where every fifth is hostile and 80 % of what these tell is fake, honest peers keep 2 honest neighbours', () => {
    const peers = 100;
    const overlay = grown({ seed: 6, isMember, twist: liars(peers, 6) }, peers, peers, 5 * SECOND);
    let looked = 0;
    let poor = 0;
    for (let minute = 0; minute < 5; minute++) {
      // The endpoint brings word of some, once a minute each (K6).
      for (const { peer } of overlay.alive())
        for (let n = 0; n < 20; n++) {
          const to = peerOf(Math.floor(overlay.draw() * peers));
          if (to !== peer && !overlay.node(to).links.has(peer))
            overlay.call(to, (membership) => membership.met(peer, 'endpoint'));
        }
      overlay.run(MINUTE);
      if (minute === 0) continue;
      for (const { peer, membership } of overlay.alive()) {
        if (isHostile(peer)) continue;
        looked += 1;
        if (membership.active().filter((other) => !isHostile(other)).length < 2) poor += 1;
        expect(membership.passive().every(isMember)).toBe(true);
      }
    }
    expect(poor / looked).toBeLessThan(0.01);
    expect(overlay.parts((peer) => !isHostile(peer))).toEqual([80]);
  });
});
