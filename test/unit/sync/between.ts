// Several pipelines linked with each other, their frames carried at once and counted. A link is named by the bench at
// its other end.
import type { PeerId } from '../../../worker/core/model/ids.ts';
import { encodeFrame, type Frame } from '../../../worker/core/wire/frame.ts';
import { linkOf, type createBench } from './bench.ts';

export type Bench = ReturnType<typeof createBench>;

export interface Carried {
  from: string;
  to: string;
  frame: Frame;
  bytes: number;
}

export class Between {
  readonly benches = new Map<string, { bench: Bench; id: PeerId }>();
  readonly carried: Carried[] = [];
  /** Links whose frames are lost. */
  readonly dead = new Set<string>();
  #rounds = 0;

  add(name: string, bench: Bench, id: PeerId): Bench {
    this.benches.set(name, { bench, id });
    return bench;
  }

  link(a: string, b: string): void {
    for (const [name, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const [mine, theirs] = [this.benches.get(name), this.benches.get(other)];
      if (mine !== undefined && theirs !== undefined)
        mine.bench.pipeline.exchange.setOpening(linkOf(other), theirs.id, 'full');
    }
  }

  /** Carries frames in turns, one flight at a time, until nobody says anything more; so many flights at most. */
  settle(flights = Infinity): number {
    const before = this.#rounds;
    while (this.#rounds - before < flights) {
      const flight: Carried[] = [];
      for (const [from, { bench }] of this.benches) {
        bench.run();
        for (const { link, frame } of bench.sent.splice(0))
          flight.push({ from, to: link, frame, bytes: encodeFrame(frame).length });
      }
      if (flight.length === 0) break;
      this.#rounds += 1;
      for (const each of flight) this.#arrive(each);
    }
    return this.#rounds - before;
  }

  #arrive(carried: Carried): void {
    const { from, to, frame } = carried;
    const target = this.benches.get(to)?.bench;
    const peer = this.benches.get(from)?.id;
    if (target === undefined || peer === undefined || this.dead.has(`${from}>${to}`)) return;
    this.carried.push(carried);
    const { pipeline } = target;
    const link = linkOf(from);
    switch (frame.type) {
      case 'entries':
        return pipeline.receive({ ...frame, link, peer, hops: frame.hops + 1 });
      case 'fingerprint':
      case 'vector':
      case 'buckets':
      case 'bucket-rows':
        return pipeline.exchange.onCompare(link, frame);
      case 'ihave':
      case 'graft':
      case 'prune':
        return pipeline.exchange.onBroadcast(link, frame);
      case 'want-entries':
        return pipeline.exchange.onWant(link, frame.runs);
      case 'want-ids':
        return pipeline.onWantIds(link, frame.ids);
      case 'held':
        return pipeline.exchange.onHeld(link, frame.entry);
      default:
        throw new Error(`nobody takes ${frame.type}`);
    }
  }

  pass(ms: number): void {
    for (const { bench } of this.benches.values()) bench.pass(ms);
    this.settle();
  }

  /** Entries carried from one to another. */
  entries(from: string, to: string): number {
    return this.of('entries')
      .filter((each) => each.from === from && each.to === to)
      .reduce((sum, { frame }) => sum + (frame.type === 'entries' ? frame.entries.length : 0), 0);
  }

  of(type: Frame['type']): Carried[] {
    return this.carried.filter(({ frame }) => frame.type === type);
  }

  bytes(): number {
    return this.carried.reduce((sum, each) => sum + each.bytes, 0);
  }
}
