// One membership, rule by rule: who is taken, asked, dialled, told and suspected.
import { describe, expect, it } from 'vitest';
import { GOSSIP } from '../../../worker/core/gossip/config.ts';
import { descriptorMessage } from '../../../worker/core/gossip/descriptor.ts';
import { LABEL } from '../../../worker/core/model/labels.ts';
import { createBench, describedAs, SELF } from './bench.ts';
import { GROVE, isMarked, peerOf } from './overlay.ts';

const [A, B, C, D, E] = [peerOf(1), peerOf(2), peerOf(3), peerOf(4), peerOf(5)];
const [F, G, H, I, J] = [peerOf(6), peerOf(7), peerOf(8), peerOf(9), peerOf(10)];
const many = (from: number, count: number) => Array.from({ length: count }, (_, n) => peerOf(from + n));
const limits = GOSSIP.desktop;

describe('descriptors', () => {
  it('P1: one is signed over label, grove, peer, seq and frozen', () => {
    const message = (peer = SELF, seq = 1, frozen = false) =>
      descriptorMessage(GROVE, { peer, seq, frozen }).join();
    expect(
      new TextDecoder().decode(descriptorMessage(GROVE, { peer: SELF, seq: 1, frozen: false })),
    ).toContain(LABEL.descriptor);
    expect(new Set([message(), message(A), message(SELF, 2), message(SELF, 1, true)]).size).toBe(4);
  });

  it('P1: the own one goes out signed, young, with two hops, and is signed anew only when it says something new', () => {
    const bench = createBench();
    bench.membership.opened(A, 'endpoint');
    const [ask] = bench.sent('neighbour');
    const own = ask?.descriptor;
    expect(own).toMatchObject({ peer: SELF, frozen: false, age: 0, hops: 2 });
    expect(own && isMarked(SELF, descriptorMessage(GROVE, own), own.signature)).toBe(true);
    bench.wait(100);
    bench.asks(A, 'low');
    expect(bench.sent('neighbour-reply')[0]?.descriptor.seq).toBe(own?.seq);
    bench.membership.setFrozen(true);
    bench.asks(A, 'low');
    const [later] = bench.sent('neighbour-reply');
    expect(later?.descriptor.frozen).toBe(true);
    expect(later?.descriptor.seq).toBeGreaterThan(own?.seq ?? Infinity);
  });

  it('P1: those of strangers, forged, failed ones and the own are not kept; each is counted', () => {
    const bench = createBench({ isMember: (peer) => peer !== C });
    bench.befriend(A);
    const forged = { ...describedAs(D), signature: new Uint8Array(64) };
    bench.tell(A, describedAs(B), [
      describedAs(C),
      forged,
      describedAs(E, { age: limits.failedAfter + 1 }),
      describedAs(SELF),
      describedAs(F),
    ]);
    expect(bench.membership.passive()).toEqual([B, F]);
    expect([bench.counted('stranger'), bench.counted('forged'), bench.counted('stale')]).toEqual([1, 1, 1]);
  });

  it('P1: a known one costs no check, a higher seq replaces it and a lower one does not', () => {
    const bench = createBench();
    bench.befriend(A);
    bench.tell(A, describedAs(B, { seq: 5 }), []);
    const checks = bench.verified();
    bench.tell(A, describedAs(B, { seq: 5 }), [], 2);
    bench.tell(A, describedAs(B, { seq: 4 }), [], 3);
    expect(bench.verified()).toBe(checks);
    bench.wait(limits.suspectAfter);
    bench.tell(A, describedAs(B, { seq: 6 }), [], 4);
    expect(bench.verified()).toBe(checks + 1);
    expect(bench.known(B)).toMatchObject({ age: 0, state: 'alive' });
  });

  it('P1: the age adds up what holders waited, and of equal ones the younger stays', () => {
    const bench = createBench();
    bench.befriend(A);
    bench.tell(A, describedAs(B, { age: 10_000 }), []);
    bench.wait(5_000);
    expect(bench.known(B)?.age).toBe(15_000);
    bench.tell(A, describedAs(B, { age: 40_000 }), [], 2);
    expect(bench.known(B)?.age).toBe(15_000);
    bench.tell(A, describedAs(B, { age: 1_000 }), [], 3);
    expect(bench.known(B)?.age).toBe(1_000);
  });

  it('P1: what came with one hop is kept and not passed on, what came with two goes on with one', () => {
    const bench = createBench();
    bench.befriend(A);
    bench.tell(A, describedAs(B, { hops: 2 }), [describedAs(C, { hops: 1 })]);
    bench.taken();
    bench.tell(A, describedAs(D), [], 2);
    const sample = bench.sent('shuffle-reply')[0]?.sample ?? [];
    expect(sample.map(({ peer }) => peer)).toContain(B);
    expect(sample.map(({ peer }) => peer)).not.toContain(C);
    expect(sample.find(({ peer }) => peer === B)?.hops).toBe(1);
  });

  it('P1: an own one of an earlier life, with a higher seq, is outgrown', () => {
    const bench = createBench();
    bench.befriend(A);
    bench.tell(A, describedAs(B), [describedAs(SELF, { seq: 9_000_000 })]);
    bench.taken();
    bench.tell(A, describedAs(C), [], 2);
    expect(bench.sent('shuffle-reply')[0]?.sample.find(({ peer }) => peer === SELF)?.seq).toBe(9_000_001);
  });
});

describe('becoming neighbours', () => {
  it('P3: who has no neighbour asks the first one it is linked to with `join`', () => {
    const bench = createBench();
    bench.membership.opened(A, 'endpoint');
    expect(bench.sent('neighbour')).toMatchObject([{ to: A, ask: 'join' }]);
    bench.membership.opened(B, 'endpoint');
    expect(bench.sent('neighbour')).toMatchObject([{ to: B, ask: 'high' }]);
    expect(bench.membership.active()).toEqual([]);
    bench.replies(A, true);
    expect(bench.facts('neighbour')).toEqual([{ type: 'neighbour', peer: A, active: true }]);
    expect(bench.membership.active()).toEqual([A]);
  });

  it('P3: who learns only later that the one it is linked to is a member asks it then, whatever that one asked before', () => {
    let isMember = false;
    const bench = createBench({ isMember: () => isMember });
    bench.membership.opened(A, 'hand');
    bench.asks(A, 'low');
    bench.wait(2 * limits.askTimeout);
    expect(bench.sent('neighbour')).toEqual([]);
    isMember = true;
    bench.membership.membersChanged();
    expect(bench.sent('neighbour')).toMatchObject([{ to: A, ask: 'join' }]);
  });

  it('P3: the taker of a join tells each of its other neighbours, with a walk of 6 hops', () => {
    const bench = createBench();
    bench.befriend(A, B, C);
    bench.membership.opened(D, 'endpoint');
    bench.asks(D, 'join');
    expect(bench.sent('neighbour-reply')).toMatchObject([{ to: D, accepted: true }]);
    const told = bench.sent('forward-join');
    expect(told.map(({ to }) => to)).toEqual([A, B, C]);
    expect(told[0]).toMatchObject({ ttl: 6, newcomer: { peer: D, hops: 1 } });
  });

  it('P3: a full view takes a join at the price of another, never one of the longest-standing', () => {
    const bench = createBench();
    const full = many(1, 8);
    bench.befriend(...full);
    bench.membership.opened(J, 'endpoint');
    bench.asks(J, 'join');
    const [victim, ...none] = bench.sent('disconnect').map(({ to }) => to);
    expect(none).toEqual([]);
    expect(full.slice(0, limits.min)).not.toContain(victim);
    expect(bench.membership.active()).toHaveLength(8);
    expect(bench.membership.active()).toContain(J);
  });

  it('P3: a crowd that joins takes no more places than the bounds allow, and keeps its links to look around', () => {
    const bench = createBench();
    bench.befriend(...many(1, 8));
    const crowd = many(50, 30);
    for (const peer of crowd) {
      bench.membership.opened(peer, 'endpoint');
      bench.asks(peer, 'join');
    }
    expect(bench.counted('evicted')).toBe(limits.evictionRate.burst);
    expect(bench.membership.active().slice(0, limits.min)).toEqual([A, B, C, D]);
    const refused = crowd.filter((peer) => !bench.membership.active().includes(peer));
    expect(refused.some((peer) => bench.membership.needs(peer))).toBe(true);
    bench.wait(limits.joinKeeps);
    expect(refused.every((peer) => !bench.membership.needs(peer))).toBe(true);
  });

  it('P3: 3 hops before the end of its walk a newcomer enters the passive view; it goes on to another', () => {
    const bench = createBench();
    bench.befriend(A, B, C, D, E);
    const walk = (ttl: number, newcomer = describedAs(J)) =>
      bench.frame(A, { type: 'forward-join', grove: GROVE, ttl, newcomer });
    walk(5);
    expect(bench.membership.passive()).toEqual([]);
    const [onward] = bench.sent('forward-join');
    expect(onward?.ttl).toBe(4);
    expect([B, C, D, E]).toContain(onward?.to);
    walk(3);
    expect(bench.membership.passive()).toEqual([J]);
    expect(bench.sent('forward-join')[0]?.ttl).toBe(2);
  });

  it('P3: where the walk ends it is dialled, if a neighbour is lacking there, and a long one is cut short', () => {
    const bench = createBench();
    bench.befriend(A, B);
    bench.frame(A, { type: 'forward-join', grove: GROVE, ttl: 0, newcomer: describedAs(J) });
    expect(bench.dialled()).toContain(J);
    bench.frame(A, { type: 'forward-join', grove: GROVE, ttl: 16, newcomer: describedAs(I) });
    expect(bench.sent('forward-join')[0]?.ttl).toBe(limits.walk - 1);
  });

  it('P4: `low` is taken below the wanted number, `high` below the maximum', () => {
    const bench = createBench();
    bench.befriend(A, B, C, D);
    const asked = (peer: typeof A, ask: 'low' | 'high') => {
      bench.membership.opened(peer, 'endpoint');
      bench.taken();
      bench.asks(peer, ask);
      return bench.sent('neighbour-reply')[0]?.accepted;
    };
    bench.membership.opened(E, 'endpoint');
    bench.replies(E, true);
    expect(bench.membership.active()).toHaveLength(5);
    expect(asked(F, 'low')).toBe(false);
    expect([asked(G, 'high'), asked(H, 'high'), asked(I, 'high')]).toEqual([true, true, true]);
    expect(asked(J, 'high')).toBe(false);
    expect(bench.membership.active()).toHaveLength(8);
  });

  it('P4: below the minimum several are dialled at once, and another when one fails', () => {
    const bench = createBench();
    bench.befriend(A);
    bench.tell(
      A,
      describedAs(B),
      many(20, 6).map((peer) => describedAs(peer)),
    );
    expect(bench.dialled()).toHaveLength(1 + limits.min - 1);
    const [first] = many(20, 6);
    bench.wait(limits.dialPatience + limits.repairEvery);
    expect(bench.dialled().length).toBeGreaterThan(0);
    expect(first).toBeDefined();
  });

  it('P12: who is doubtful is dialled after all others, and asked only while neighbours are below the minimum', () => {
    const doubted = [B, C, D];
    const bench = createBench({ isDoubtful: (peer) => doubted.includes(peer) });
    bench.befriend(A);
    const good = many(20, 5);
    bench.tell(
      A,
      describedAs(B),
      [C, D, ...good].map((peer) => describedAs(peer)),
    );
    const first = bench.dialled();
    expect(first.length).toBeGreaterThan(0);
    expect(first.filter((peer) => doubted.includes(peer))).toEqual([]);
    for (const peer of good) bench.membership.dialFailed(peer);
    bench.wait(limits.dialPatience + limits.repairEvery);
    expect(bench.dialled().filter((peer) => doubted.includes(peer)).length).toBeGreaterThan(0);
    // Linked already: asked for want of others, and not beyond what is needed.
    bench.membership.opened(B, 'endpoint');
    expect(bench.sent('neighbour').map(({ to }) => to)).toContain(B);
    const full = createBench({ isDoubtful: (peer) => doubted.includes(peer) });
    full.befriend(...many(20, limits.min));
    full.membership.opened(B, 'endpoint');
    expect(full.sent('neighbour').map(({ to }) => to)).not.toContain(B);
  });

  it('P4: who refused is passed over for 30 s', () => {
    const bench = createBench();
    bench.befriend(A);
    bench.membership.opened(B, 'endpoint');
    expect(bench.sent('neighbour').map(({ to }) => to)).toEqual([B]);
    bench.replies(B, false);
    bench.wait(limits.passOver - 1_000);
    expect(bench.sent('neighbour').map(({ to }) => to)).not.toContain(B);
    bench.wait(3_000);
    expect(bench.sent('neighbour').map(({ to }) => to)).toContain(B);
  });

  it('P4: who failed three times is forgotten, and the same descriptor does not bring it back', () => {
    const bench = createBench();
    bench.befriend(A);
    bench.tell(A, describedAs(B), []);
    for (let n = 0; n < limits.failures; n++) {
      expect(bench.dialled()).toContain(B);
      bench.membership.dialFailed(B);
      bench.wait(limits.passOver + 2_000);
    }
    expect(bench.known(B)).toBeUndefined();
    bench.tell(A, describedAs(B), [], 2);
    expect(bench.membership.passive()).toEqual([]);
    bench.tell(A, describedAs(B, { seq: 2_000 }), [], 3);
    expect(bench.membership.passive()).toEqual([B]);
  });

  it('P4: failures of a device that is linked to nobody are held against nobody', () => {
    const bench = createBench();
    bench.membership.met(B, 'endpoint');
    for (let n = 0; n < 5; n++) {
      bench.membership.dialFailed(B);
      bench.wait(limits.passOver + 2_000);
    }
    expect(bench.known(B)?.failures).toBe(0);
  });

  it('P4: more neighbours than wanted are let go one by one, at shuffles', () => {
    const bench = createBench();
    bench.befriend(...many(1, 8));
    bench.wait(limits.settled + 3 * limits.shuffleEvery * (1 + limits.shuffleSpread));
    expect(bench.membership.active()).toHaveLength(limits.want + 1);
    expect(bench.membership.active().slice(0, limits.min)).toEqual([A, B, C, D]);
  });

  it('P2: of those that may be let go the eager ones are last', () => {
    const [, , , , eager] = many(1, 8);
    const bench = createBench({ isEager: (peer) => peer === eager });
    bench.befriend(...many(1, 8));
    bench.wait(limits.settled + 3 * limits.shuffleEvery * (1 + limits.shuffleSpread));
    expect(bench.membership.active()).toHaveLength(limits.want + 1);
    expect(bench.membership.active()).toContain(eager);
  });

  it('P4: where all are eager only the last place is made free', () => {
    const bench = createBench({ isEager: () => true });
    bench.befriend(...many(1, 8));
    bench.wait(limits.settled + 3 * limits.shuffleEvery * (1 + limits.shuffleSpread));
    expect(bench.membership.active()).toHaveLength(limits.max - 1);
  });
});

describe('on phones', () => {
  it('P4, P6: one at the maximum lets one go, so that there is a place for whoever is met again', () => {
    const { want, min, max } = GOSSIP.phone;
    const bench = createBench({ limits: { want, min, max } });
    bench.befriend(A, B, C, D);
    expect(bench.membership.active()).toHaveLength(max);
    bench.wait(limits.settled + 2 * limits.shuffleEvery);
    expect(bench.membership.active()).toHaveLength(want);
    expect(bench.membership.active().slice(0, min)).toEqual([A, B]);
  });
});

describe('agreement of both ends', () => {
  it('P4: an acceptance that nobody waits for is answered by `disconnect`', () => {
    const bench = createBench();
    bench.befriend(A, B, C, D, E);
    bench.membership.opened(F, 'endpoint');
    bench.replies(F, true);
    expect(bench.sent('disconnect')).toMatchObject([{ to: F }]);
    expect(bench.membership.active()).not.toContain(F);
  });

  it('P4: where both ask at once both accept, and become so once', () => {
    const bench = createBench();
    bench.membership.opened(A, 'endpoint');
    bench.asks(A, 'join');
    bench.replies(A, true);
    expect(bench.facts('neighbour')).toHaveLength(1);
    expect(bench.sent('disconnect')).toEqual([]);
    expect(bench.membership.active()).toEqual([A]);
  });

  it('P4: a link that was replaced is asked anew, and a refusal ends being neighbours', () => {
    const bench = createBench();
    bench.befriend(A, B);
    bench.membership.opened(A, 'gossip');
    expect(bench.sent('neighbour')).toMatchObject([{ to: A, ask: 'high' }]);
    expect(bench.membership.active()).toContain(A);
    bench.replies(A, false);
    expect(bench.membership.active()).toEqual([B]);
    expect(bench.facts('neighbour')).toEqual([{ type: 'neighbour', peer: A, active: false }]);
  });

  it('P4: who does not answer in time is no neighbour, and hears so', () => {
    const bench = createBench();
    bench.membership.opened(A, 'endpoint');
    bench.wait(limits.askTimeout + 2_000);
    expect(bench.sent('disconnect')).toMatchObject([{ to: A }]);
  });

  it('P4: a `disconnect` ends it, and it stays known', () => {
    const bench = createBench();
    bench.befriend(A, B);
    bench.frame(A, { type: 'disconnect', grove: GROVE });
    expect(bench.membership.active()).toEqual([B]);
    expect(bench.membership.passive()).toEqual([A]);
    expect(bench.membership.needs(A)).toBe(false);
  });
});

describe('shuffles', () => {
  it('P5: every 30 s ±20 % one goes to a neighbour, with the own descriptor, 3 active and 4 passive ones', () => {
    const bench = createBench();
    bench.befriend(A, B, C, D, E);
    bench.wait(10_000);
    bench.taken();
    bench.tell(A, describedAs(J), [], 9);
    for (const [n, peer] of many(20, 6).entries()) bench.tell(B, describedAs(peer), [], n);
    bench.taken();
    bench.wait(limits.shuffleEvery * 1.2);
    const [shuffle] = bench.sent('shuffle');
    expect(shuffle).toMatchObject({ ttl: 6, origin: { peer: SELF, hops: 2 } });
    const peers = shuffle?.sample.map(({ peer }) => peer) ?? [];
    expect(peers).toHaveLength(7);
    expect(peers.filter((peer) => [A, B, C, D, E].includes(peer))).toHaveLength(3);
    expect(peers).not.toContain(shuffle?.to);
  });

  it('P5: a walk goes on to another neighbour, and its answer comes back the same way, once', () => {
    const bench = createBench();
    bench.befriend(A, B);
    const walk = { type: 'shuffle', grove: GROVE, n: 7, origin: describedAs(J), sample: [] } as const;
    bench.frame(A, { ...walk, ttl: 6, sample: [] });
    const [onward] = bench.sent('shuffle');
    expect(onward).toMatchObject({ to: B, ttl: 5, n: 7, origin: { peer: J } });
    const reply = {
      type: 'shuffle-reply',
      grove: GROVE,
      n: 7,
      to: J,
      ttl: 6,
      sample: [describedAs(C)],
    } as const;
    bench.frame(A, { ...reply, sample: [...reply.sample] });
    expect(bench.sent('shuffle-reply')).toEqual([]);
    bench.frame(B, { ...reply, sample: [...reply.sample] });
    bench.frame(B, { ...reply, sample: [...reply.sample] });
    expect(bench.sent('shuffle-reply')).toMatchObject([{ to: A, ttl: 5 }]);
    expect(bench.facts('heard')).toContainEqual({ type: 'heard', peer: J, via: A });
    expect(bench.facts('heard')).toContainEqual({ type: 'heard', peer: C, via: B });
    expect(bench.membership.passive()).toEqual([]);
  });

  it('P5: answers that nobody asked for are dropped', () => {
    const bench = createBench();
    bench.befriend(A, B);
    const sample = [describedAs(C)];
    bench.frame(A, { type: 'shuffle-reply', grove: GROVE, n: 1, to: SELF, ttl: 6, sample });
    expect(bench.counted('unasked')).toBe(1);
    expect(bench.membership.passive()).toEqual([]);
  });

  it('P5: one of a linked member that is no neighbour is answered, and hears that it is none', () => {
    const bench = createBench();
    bench.befriend(A, B, C, D, E);
    bench.membership.opened(F, 'endpoint');
    bench.taken();
    bench.frame(F, { type: 'shuffle', grove: GROVE, n: 1, ttl: 6, origin: describedAs(F), sample: [] });
    expect(bench.sent('shuffle-reply')).toMatchObject([{ to: F, n: 1 }]);
    expect(bench.sent('shuffle')).toEqual([]);
    expect(bench.sent('disconnect')).toMatchObject([{ to: F }]);
  });

  it('P5: a neighbour that floods with walks is heeded no more than its bucket allows', () => {
    const bench = createBench();
    bench.befriend(A, B);
    for (let n = 0; n < 500; n++) bench.tell(A, describedAs(J), [], n);
    expect(bench.counted('flooded')).toBe(500 - limits.shuffleRate.burst);
  });

  it('P2: the passive view holds at most 30, and what is learned at most 50, a quarter of it from one', () => {
    const bench = createBench();
    const tellers = [A, B, C, D, E, F, G, H];
    bench.befriend(...tellers);
    const learned = () => bench.membership.info().filter(({ source }) => source === 'gossip');
    for (const [n, peer] of many(100, 40).entries()) bench.tell(A, describedAs(peer), [], n);
    expect(learned()).toHaveLength(limits.learnedOfOne);
    for (const [t, teller] of tellers.entries())
      for (const [n, peer] of many(1_000 * (t + 1), 20).entries())
        bench.tell(teller, describedAs(peer), [], n);
    expect(learned()).toHaveLength(limits.learned);
    expect(bench.membership.passive()).toHaveLength(limits.passive);
  });
});

describe('what is remembered, and by which source', () => {
  it('P6: whoever was linked is remembered, and saved at most once a minute', () => {
    const bench = createBench();
    bench.befriend(A, B);
    bench.membership.closed(A, 'goodbye');
    bench.wait(2 * limits.saveEvery + 1_000);
    const saves = bench.facts('remember');
    expect(saves.length).toBeLessThanOrEqual(2);
    expect(saves.at(-1)).toMatchObject({ peers: [{ peer: A }, { peer: B }] });
  });

  it('P6: of more than 16 those linked longest and those met last stay', () => {
    const bench = createBench();
    const old = many(1, 8);
    for (const peer of old) bench.membership.opened(peer, 'endpoint');
    bench.wait(100_000);
    for (const peer of many(50, 30)) {
      bench.membership.opened(peer, 'endpoint');
      bench.membership.closed(peer, 'closed');
      bench.wait(1_000);
    }
    for (const peer of old) bench.membership.closed(peer, 'closed');
    const kept = bench.membership.info().filter(({ remembered }) => remembered);
    expect(kept).toHaveLength(limits.remembered);
    for (const peer of old) expect(kept.map(({ peer: each }) => each)).toContain(peer);
  });

  it('P6: at the start the remembered are dialled, several at once', () => {
    const remembered = many(1, 16).map((peer) => ({ peer, linkedMs: 1, lastMet: 1 }));
    const bench = createBench({ remembered });
    bench.wait(10);
    expect(bench.dialled()).toHaveLength(1 + limits.min);
  });

  it('P6: one that gossip brings no word of is tried each minute, and is asked also where none is lacking', () => {
    const bench = createBench({ remembered: [{ peer: J, linkedMs: 1, lastMet: 1 }] });
    bench.befriend(A, B, C, D, E);
    bench.membership.dialFailed(J);
    bench.wait(limits.tryRemembered * 1.3);
    expect(bench.dialled()).toEqual([J]);
    bench.membership.opened(J, 'endpoint');
    expect(bench.sent('neighbour')).toContainEqual(expect.objectContaining({ to: J, ask: 'high' }));
  });

  it('P7: a stronger source is not overwritten by a weaker one', () => {
    const bench = createBench();
    bench.membership.met(B, 'hand');
    bench.membership.met(B, 'endpoint');
    bench.membership.opened(A, 'endpoint');
    bench.membership.opened(A, 'gossip');
    bench.tell(A, describedAs(B), []);
    expect([bench.known(A)?.source, bench.known(B)?.source]).toEqual(['endpoint', 'hand']);
  });

  it('P7: whom gossip brings takes the place of nobody known by hand or by the endpoint', () => {
    const bench = createBench();
    bench.befriend(A, B, C, D, E);
    bench.membership.met(H, 'hand');
    bench.membership.met(I, 'endpoint');
    for (const [n, peer] of many(100, 200).entries())
      bench.tell([A, B, C, D, E][n % 5] ?? A, describedAs(peer), [], n);
    expect([bench.known(H)?.source, bench.known(I)?.source]).toEqual(['hand', 'endpoint']);
  });
});

describe('liveness', () => {
  it('P8: a descriptor is suspect after 90 s and failed after 150 s', () => {
    const bench = createBench();
    bench.befriend(A, B, C, D, E);
    bench.tell(A, describedAs(J), []);
    expect(bench.known(J)?.state).toBe('alive');
    bench.wait(limits.suspectAfter);
    expect(bench.known(J)?.state).toBe('suspect');
    bench.wait(limits.failedAfter - limits.suspectAfter + 1_000);
    expect(bench.known(J)?.state).toBe('failed');
  });

  it('P8: of a neighbour lost without a word 3 others are asked, and an answer that it is there refutes', () => {
    const bench = createBench();
    bench.befriend(A, B, C, D, E);
    bench.membership.closed(A, 'lost');
    expect(bench.facts('liveness')).toContainEqual({ type: 'liveness', peer: A, state: 'suspect' });
    const probes = bench.sent('probe');
    expect(probes).toHaveLength(3);
    const [first] = probes;
    if (first === undefined) return;
    bench.frame(first.to, { type: 'probed', grove: GROVE, n: first.n, alive: true, descriptor: null });
    expect(bench.known(A)?.state).toBe('alive');
  });

  it('P8: without an answer it fails after a minute; a newer descriptor refutes', () => {
    const bench = createBench();
    bench.befriend(A, B, C, D, E, F);
    bench.membership.closed(A, 'lost');
    bench.wait(limits.failedAfter - limits.suspectAfter + 2_000);
    expect(bench.facts('liveness').at(-1)).toEqual({ type: 'liveness', peer: A, state: 'failed' });
    bench.tell(B, describedAs(A, { seq: 2_000 }), []);
    expect(bench.facts('liveness').at(-1)).toEqual({ type: 'liveness', peer: A, state: 'alive' });
  });

  it('P8: who said goodbye is not suspected', () => {
    const bench = createBench();
    bench.befriend(A, B, C);
    bench.membership.closed(A, 'goodbye');
    expect(bench.sent('probe')).toEqual([]);
    expect(bench.known(A)?.state).toBe('alive');
  });

  it('P8: a helper says what its own link says, and tells the suspected one', () => {
    const bench = createBench();
    bench.befriend(A, B);
    bench.frame(A, { type: 'probe', grove: GROVE, n: 3, target: B });
    expect(bench.sent('probed')).toMatchObject([{ to: A, n: 3, alive: true, descriptor: { peer: B } }]);
    expect(bench.sent('suspect')).toMatchObject([{ to: B, peer: B, seq: 1_000 }]);
    bench.frame(A, { type: 'probe', grove: GROVE, n: 4, target: J });
    expect(bench.sent('probed')).toMatchObject([{ to: A, n: 4, alive: false, descriptor: null }]);
  });

  it('P8: who hears that it is suspected issues a new descriptor, but not at every word', () => {
    const bench = createBench();
    bench.membership.opened(A, 'endpoint');
    const seq = bench.sent('neighbour')[0]?.descriptor.seq ?? 0;
    bench.replies(A, true);
    bench.wait(limits.reissueLeast);
    for (let n = 0; n < 5; n++) bench.frame(A, { type: 'suspect', grove: GROVE, peer: SELF, seq: seq + 1e9 });
    const said = bench.sent('probed');
    expect(said).toHaveLength(1);
    expect(said[0]?.descriptor?.seq).toBeGreaterThan(seq);
    expect(said[0]?.descriptor?.seq).toBeLessThan(seq + 1e9);
  });

  it('P8: a frozen peer is not suspected and is dialled last; it may thaw', () => {
    const bench = createBench();
    bench.befriend(A, B);
    bench.membership.frozen(A, true);
    expect(bench.facts('liveness')).toEqual([{ type: 'liveness', peer: A, state: 'frozen' }]);
    bench.membership.closed(A, 'lost');
    expect(bench.sent('probe')).toEqual([]);
    expect(bench.known(A)?.state).toBe('frozen');
    bench.membership.opened(A, 'gossip');
    bench.membership.frozen(A, false);
    expect(bench.known(A)?.state).toBe('alive');
  });

  it('P8: a device whose clock jumped suspects nobody for 5 s', () => {
    const bench = createBench();
    bench.befriend(A, B, C);
    bench.membership.clockJumped();
    bench.membership.closed(A, 'lost');
    expect(bench.sent('probe')).toEqual([]);
    bench.wait(limits.doubt);
    bench.membership.closed(B, 'lost');
    expect(bench.sent('probe').length).toBeGreaterThan(0);
  });

  it('P1, P8: frames of who is not linked, or no member any more, are dropped', () => {
    let isMember = true;
    const bench = createBench({ isMember: (peer) => isMember || peer !== A });
    bench.asks(J, 'join');
    bench.befriend(A);
    isMember = false;
    bench.asks(A, 'join');
    expect(bench.sent('neighbour-reply')).toEqual([]);
    expect(bench.counted('stranger')).toBe(2);
  });

  it('P4: closed, it schedules nothing', () => {
    const bench = createBench();
    bench.befriend(A);
    bench.membership.close();
    expect(bench.context.nextTimer()).toBeNull();
  });
});
