// Lost neighbours (P8): others are asked whether they are there. Who is suspected hears of it where it can.
import type { PeerId } from '../model/ids.ts';
import { sample } from './draw.ts';
import type { Learning } from './learning.ts';
import type { FrameOf, Ground } from './types.ts';

export interface Suspicion {
  /** The link to a neighbour went without a word. */
  lost(peer: PeerId): void;
  /** It couldn't be reached: doubted, but nobody is asked. */
  doubt(peer: PeerId): void;
  clockJumped(): void;
  onProbe(from: PeerId, frame: FrameOf<'probe'>): void;
  onProbed(from: PeerId, frame: FrameOf<'probed'>): void;
  onSuspect(from: PeerId, frame: FrameOf<'suspect'>): void;
}

interface Probe {
  target: PeerId;
  asked: Set<PeerId>;
  until: number;
}

/** Probes under way at once: a crash of many neighbours takes fewer. */
const MOST = 32;

export function createSuspicion(ground: Ground, learning: Learning, refuted: () => void): Suspicion {
  const { options, limits, book, views, own, linked, count, send } = ground;
  const { self, grove, context, isMember } = options;
  const probes = new Map<number, Probe>();
  let doubtUntil = -Infinity;
  let n = 0;

  function suspect(peer: PeerId): boolean {
    const known = book.get(peer);
    if (known === undefined || known.frozen || ground.elapsed() < doubtUntil) return false;
    known.suspectedAt ??= ground.elapsed();
    ground.judge(peer);
    watch();
    return true;
  }

  /** Tells when the suspected have failed. */
  function watch(): void {
    const now = ground.elapsed();
    const lasts = limits.failedAfter - limits.suspectAfter + 1;
    const due = [...book.all()].flatMap(({ peer, suspectedAt, told }) =>
      suspectedAt === null || told === 'failed' || linked.has(peer) ? [] : [suspectedAt + lasts],
    );
    if (due.length === 0) return ground.timer('suspects', null, () => undefined);
    ground.timer('suspects', Math.max(now + limits.repairEvery, Math.min(...due)), () => {
      for (const { peer, suspectedAt } of [...book.all()]) if (suspectedAt !== null) ground.judge(peer);
      watch();
    });
  }

  function probe(target: PeerId): void {
    const now = ground.elapsed();
    for (const [id, { until }] of probes) if (until < now || probes.size >= MOST) probes.delete(id);
    const asked = sample(context.random, views.active(), limits.probes);
    if (asked.length === 0) return;
    n += 1;
    probes.set(n, { target, asked: new Set(asked), until: now + limits.probeTimeout });
    for (const peer of asked) send(peer, { type: 'probe', grove, n, target });
  }

  return {
    lost(peer): void {
      if (suspect(peer)) probe(peer);
    },
    doubt: (peer) => void suspect(peer),
    clockJumped(): void {
      doubtUntil = ground.elapsed() + limits.doubt;
    },
    onProbe(from, { n: id, target }): void {
      if (!isMember(target)) return count('stranger');
      const there = target === self || linked.has(target);
      const descriptor = target === self ? own.wire() : learning.tell(target);
      send(from, { type: 'probed', grove, n: id, alive: there, descriptor });
      const seq = book.get(target)?.descriptor?.seq;
      // It says so itself by a new descriptor, to all who doubt it.
      if (
        linked.has(target) &&
        seq !== undefined &&
        linked.get(target)?.walks.take(ground.elapsed()) === true
      )
        send(target, { type: 'suspect', grove, peer: target, seq });
    },
    onProbed(from, { n: id, alive, descriptor }): void {
      if (descriptor?.peer === from) learning.learn(descriptor, from);
      if (id === 0) return;
      const asked = probes.get(id);
      if (asked?.asked.delete(from) !== true || asked.until < ground.elapsed()) return count('unasked');
      const { target } = asked;
      if (descriptor?.peer === target) learning.learn(descriptor, from);
      const known = book.get(target);
      if (!alive || known === undefined) return;
      probes.delete(id);
      known.suspectedAt = null;
      known.vouchedAt = Math.max(known.vouchedAt, ground.elapsed());
      ground.judge(target);
      refuted();
    },
    onSuspect(from, { peer, seq }): void {
      if (peer !== self) return count('hearsay');
      if (!own.refute(seq)) return;
      // Under this number nobody asked: it is only about the descriptor that it brings.
      send(from, { type: 'probed', grove, n: 0, alive: true, descriptor: own.wire() });
    },
  };
}
