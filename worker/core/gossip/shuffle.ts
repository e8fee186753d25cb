// CYCLON shuffles by random walks (P5): each side tells the other some of whom it knows. Chooses no neighbour.
import type { PeerId } from '../model/ids.ts';
import type { WireDescriptor } from '../wire/frame.ts';
import { pick, sample, spread } from './draw.ts';
import type { Learning } from './learning.ts';
import type { FrameOf, Ground } from './types.ts';

export interface ShuffleEvents {
  /** One is about to be sent. */
  due(): void;
  /** Others may be known now. */
  mixed(): void;
}

export interface Shuffling {
  start(): void;
  /** A first neighbour was found: the next ones come soon. */
  hurry(): void;
  /** `further`: not where it comes of one who is no neighbour; that is answered at once. */
  onShuffle(from: PeerId, frame: FrameOf<'shuffle'>, further: boolean): void;
  onReply(from: PeerId, frame: FrameOf<'shuffle-reply'>): void;
}

interface Asked {
  n: number;
  to: PeerId;
  sent: PeerId[];
}
/** A walk that passed by: where its answer comes from, and goes to. */
interface Walk {
  back: PeerId;
  on: PeerId;
  until: number;
}

const isSent = (wire: WireDescriptor | null): wire is WireDescriptor => wire !== null;

export function createShuffling(ground: Ground, learning: Learning, events: ShuffleEvents): Shuffling {
  const { options, limits, views, own, linked, count, send } = ground;
  const { self, grove, context } = options;
  const { random } = context;
  const walks = new Map<string, Walk>();
  const most = limits.shuffleActive + limits.shufflePassive;
  let n = 0;
  let asked: Asked | null = null;
  let soon: number[] = [];

  function next(): void {
    const quick = soon.shift();
    const wait = quick ?? spread(random, limits.shuffleEvery, limits.shuffleSpread);
    ground.timer('shuffle', ground.elapsed() + wait, () => {
      events.due();
      shuffle();
      next();
    });
  }

  /** Up to `count` of these that may be told. */
  const told = (peers: readonly PeerId[], except: ReadonlySet<PeerId>, count: number): WireDescriptor[] => {
    const tellable = peers
      .filter((peer) => !except.has(peer))
      .map((peer) => learning.tell(peer))
      .filter(isSent);
    return sample(random, tellable, count);
  };

  function shuffle(): void {
    const to = pick(random, views.active()) ?? pick(random, [...linked.keys()]);
    if (to === undefined) return;
    const active = told(views.active(), new Set([to]), limits.shuffleActive);
    const passive = told(views.passive(), new Set(), most - active.length);
    n += 1;
    asked = { n, to, sent: passive.map(({ peer }) => peer) };
    const walk = { n, ttl: limits.walk, origin: own.wire(), sample: [...active, ...passive] };
    send(to, { type: 'shuffle', grove, ...walk });
  }

  /** The walk ends here: as many back as came, by the way that it came. */
  function answer(from: PeerId, frame: FrameOf<'shuffle'>): void {
    const rows = frame.sample.slice(0, most);
    const here = new Set([frame.origin.peer, ...rows.map(({ peer }) => peer)]);
    const passive = told(views.passive(), here, most);
    const active = told(views.active(), here, most - passive.length);
    send(from, {
      type: 'shuffle-reply',
      grove,
      n: frame.n,
      to: frame.origin.peer,
      ttl: limits.walk,
      sample: [own.wire(), ...passive, ...active],
    });
    learning.mix(
      [frame.origin, ...rows],
      from,
      passive.map(({ peer }) => peer),
    );
    events.mixed();
  }

  function passOn(from: PeerId, to: PeerId, ttl: number, frame: FrameOf<'shuffle'>): void {
    const rows = frame.sample.slice(0, most);
    const key = `${frame.origin.peer}/${frame.n}`;
    walks.delete(key);
    walks.set(key, { back: from, on: to, until: ground.elapsed() + limits.walkLife });
    const [oldest] = walks.keys();
    if (walks.size > limits.walks && oldest !== undefined) walks.delete(oldest);
    learning.passedBy([frame.origin, ...rows], from);
    send(to, { ...frame, ttl, sample: rows });
  }

  return {
    start(): void {
      soon = [limits.shuffleEvery * (random.bytes(1)[0] ?? 0) * (1 / 256)];
      next();
    },
    hurry(): void {
      soon = [...limits.shuffleSoon];
      next();
    },
    onShuffle(from, frame, further): void {
      const origin = frame.origin.peer;
      if (origin === self) return count('looped');
      const ttl = further ? Math.min(frame.ttl, limits.walk) - 1 : 0;
      const onward = ttl > 0 ? views.active().filter((peer) => peer !== from && peer !== origin) : [];
      const to = pick(random, onward);
      if (to === undefined) answer(from, frame);
      else passOn(from, to, ttl, frame);
    },
    onReply(from, frame): void {
      const rows = frame.sample.slice(0, most + 1);
      if (frame.to === self) {
        if (asked?.n !== frame.n || asked.to !== from) return count('unasked');
        const { sent } = asked;
        asked = null;
        learning.mix(rows, from, sent);
        return events.mixed();
      }
      const key = `${frame.to}/${frame.n}`;
      const walk = walks.get(key);
      const ttl = Math.min(frame.ttl, limits.walk) - 1;
      if (walk?.on !== from || walk.until < ground.elapsed() || ttl < 0) return count('unasked');
      walks.delete(key);
      learning.passedBy(rows, from);
      if (linked.has(walk.back)) send(walk.back, { ...frame, ttl, sample: rows });
    },
  };
}
