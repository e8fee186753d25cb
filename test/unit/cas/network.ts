// Devices that fetch from each other over links of a given speed, in time that is simulated: no clock, no waiting.
import { createBLAKE3 } from 'hash-wasm';
import { createCas, type CasFact } from '../../../worker/core/cas/machine.ts';
import { blobKey } from '../../../worker/core/cas/keys.ts';
import { createContext, type ContextControl } from '../../../worker/core/context.ts';
import type { Effect } from '../../../worker/core/io.ts';
import { concat } from '../../../worker/core/model/bytes.ts';
import { toHash, type Hash, type LinkId } from '../../../worker/core/model/ids.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { StoreFailure } from '../../../worker/core/ports.ts';
import { decodeFrame, type Frame } from '../../../worker/core/wire/frame.ts';
import { valueOf } from '../model/fixtures.ts';
import { answer, linkOf, Tables } from '../sync/bench.ts';
import { GROVE, hold, type Blob } from './bench.ts';

const hasher = await createBLAKE3();
const hash = (bytes: Uint8Array): Uint8Array => hasher.init().update(bytes).digest('binary');

/** Of one direction: bytes per ms that bulk takes, and ms until what left is there. */
export interface Speed {
  rate: number;
  delay: number;
}

export interface Device {
  name: string;
  cas: ReturnType<typeof createCas>;
  context: ContextControl;
  tables: Tables;
  facts: { at: number; fact: CasFact }[];
  links: Map<LinkId, { to: Device; back: LinkId; speed: Speed; busyUntil: number }>;
  /** Blocks that came over a link, by its name. */
  got: Map<LinkId, number>;
  /** What a frame becomes on its way from here; null: nothing. */
  tamper: (frame: Frame) => Frame | null;
  failing: StoreFailure | null;
  /** ms of a transaction. */
  disk: number;
}

export function createNetwork() {
  let now = 1_000_000;
  let places = 0;
  const events: { at: number; place: number; run: () => void }[] = [];
  const devices: Device[] = [];
  const claims = new Map<Hash, Blob['claim'][]>();

  const later = (ms: number, run: () => void): void => {
    events.push({ at: now + ms, place: (places += 1), run });
  };

  function device(name: string, seed = devices.length): Device {
    const context = createContext(createSeededRandom(seed));
    const tables = new Tables();
    const links: Device['links'] = new Map();
    context.setNow(now);
    const self: Device = {
      ...{ name, context, tables, links, facts: [], got: new Map(), failing: null, disk: 5 },
      tamper: (frame) => frame,
      cas: createCas({
        context,
        emit: (fact) => void self.facts.push({ at: now, fact }),
        hooks: {
          hasher: null,
          hash,
          links: () => [...links.keys()],
          claims: (blob) => claims.get(blob) ?? [],
          groveFor: (link) => (links.has(link) ? GROVE : null),
          rootsOf: (link, _, blob) =>
            links.has(link) ? (claims.get(blob) ?? []).map(({ root }) => root) : [],
        },
      }),
    };
    devices.push(self);
    return self;
  }

  function carryOut(self: Device, effect: Effect): void {
    const { context, tables } = self;
    if (effect.type === 'link-send') return send(self, effect.link, effect.frame, effect.lane);
    const wait = effect.type === 'write' ? self.disk : effect.type === 'read' ? 1 : 5;
    later(wait, () => {
      context.setNow(now);
      if (effect.type === 'hash-blob') {
        const parts = effect.blocks.map((at) => tables.get('blocks', at)).filter((part) => part !== null);
        const whole = parts.length === effect.blocks.length ? toHash(hash(concat(...parts))) : null;
        context.resume({ type: 'hashed', token: effect.token, hash: whole });
      } else answer(effect, context, tables, self.failing);
    });
  }

  /** Bulk takes its time, one frame after the other; control passes it by. */
  function send(from: Device, link: LinkId, bytes: Uint8Array, lane: 'control' | 'bulk'): void {
    const way = from.links.get(link);
    const frame = from.tamper(valueOf(decodeFrame(bytes)));
    if (way === undefined) return;
    const begins = lane === 'bulk' ? Math.max(now, way.busyUntil) : now;
    const sent = lane === 'bulk' ? begins + bytes.length / way.speed.rate : now;
    if (lane === 'bulk') {
      way.busyUntil = sent;
      later(sent - now, () => {
        if (from.links.get(link) !== way) return;
        from.context.setNow(now);
        from.context.drained(link, bytes.length);
        from.cas.drained(link);
      });
    }
    later(sent - now + way.speed.delay, () => {
      if (frame === null || from.links.get(link) !== way) return;
      const { to, back } = way;
      to.context.setNow(now);
      if (frame.type === 'block') to.got.set(back, (to.got.get(back) ?? 0) + 1);
      to.cas.frame(back, frame as Parameters<typeof to.cas.frame>[1]);
    });
  }

  function settle(): void {
    for (const self of devices) {
      for (const effect of self.context.takeEffects()) carryOut(self, effect);
    }
  }

  const network = {
    device,
    now: () => now,
    counter: (self: Device, name: string): number => self.context.counters.get(name) ?? 0,

    link(a: Device, b: Device, speed: Speed, back: Speed = speed): [LinkId, LinkId] {
      const [there, here] = [linkOf(`${a.name}>${b.name}`), linkOf(`${b.name}>${a.name}`)];
      a.links.set(there, { to: b, back: here, speed, busyUntil: 0 });
      b.links.set(here, { to: a, back: there, speed: back, busyUntil: 0 });
      for (const self of [a, b]) self.cas.resume();
      return [there, here];
    },

    give(self: Device, blob: Blob, only?: Iterable<Hash>): void {
      claims.set(blob.hash, [blob.claim]);
      hold(self.tables, blob, only);
    },

    want(self: Device, ...blobs: Blob[]): void {
      self.context.setNow(now);
      for (const blob of blobs) {
        claims.set(blob.hash, [blob.claim]);
        self.cas.want({ grove: GROVE, hash: blob.hash });
      }
    },

    has: (self: Device, blob: Blob): boolean => self.tables.get('blobs', blobKey(blob.hash)) !== null,

    /** Goes on until it is so, or for so many ms; says how many it took, or null. */
    until(is: () => boolean, most = 600_000): number | null {
      const from = now;
      settle();
      while (!is()) {
        let [next] = events;
        for (const each of events)
          if (next === undefined || each.at < next.at || (each.at === next.at && each.place < next.place))
            next = each;
        const wakes = devices.map((self) => {
          const wake = self.cas.nextWake();
          // Elapsed time is that of the wall clock here: no clock is set back.
          return wake === null ? Infinity : Math.max(now, wake);
        });
        const wake = Math.min(...wakes);
        const at = Math.min(next?.at ?? Infinity, wake);
        if (at === Infinity || at > from + most) return null;
        now = at;
        if (next !== undefined && next.at <= wake) {
          events.splice(events.indexOf(next), 1);
          next.run();
        } else {
          const due = devices[wakes.indexOf(wake)];
          due?.context.setNow(now);
          due?.cas.tick(now);
        }
        settle();
      }
      return now - from;
    },
  };
  return network;
}
