// One device: a disk that outlives its processes, and the production driver over simulated ports. Knows no scenario.
import { createDriver, type Driver } from '../../worker/driver.ts';
import { createSeededRandom } from '../../worker/core/model/random.ts';
import type { LinkId } from '../../worker/core/model/ids.ts';
import type {
  Crypto,
  Lane,
  LinkEvent,
  Links,
  SignalEvent,
  Signatures,
  WriteOp,
} from '../../worker/core/ports.ts';
import { createNodeCalls, type NodeCalls } from '../../worker/rpc/node-calls.ts';
import type { Method, Methods } from '../../worker/rpc/api.ts';
import type { Endpoint } from './endpoint.ts';
import type { Network } from './network.ts';
import { createSimBlobs, type SimBlobs } from './ports/blobs.ts';
import { createSimClock } from './ports/clock.ts';
import { createSimLinks, type SimLinks } from './ports/links.ts';
import { createSimSignal, type SimSignal } from './ports/signal.ts';
import { createDisk, createSimStore, type Disk, type SimStore } from './ports/store.ts';
import type { Scheduler } from './scheduler.ts';

/** Messages of each type that a simulated device remembers: a thousand devices share one memory. */
const TRAIL = 32;

export interface PeerHooks {
  committed(peer: SimPeer, ops: readonly WriteOp[]): void;
  event(peer: SimPeer, name: string, payload: unknown): void;
  /** It died at a write. */
  died(peer: SimPeer): void;
}

/** What stands between a hostile device's node and the world. */
export interface Tamper {
  /** What goes out on a link in place of a frame. */
  leaves(link: LinkId, frame: Uint8Array): readonly Uint8Array[];
  /** False: the node never hears of it. */
  arrives(event: LinkEvent | SignalEvent): boolean;
}

export interface PeerDeps {
  scheduler: Scheduler;
  network: Network;
  endpoint: Endpoint;
  crypto(): Crypto;
  signatures: Signatures;
  hooks: PeerHooks;
  /** All randomness of the run comes from it. */
  seed: string;
}

/** What lives as long as the process. */
interface Process {
  driver: Driver;
  calls: NodeCalls;
  store: SimStore;
  blobs: SimBlobs;
  links: SimLinks;
  signal: SimSignal;
}

export interface SimPeer {
  readonly host: number;
  readonly disk: Disk;
  /** Since when the present process runs, simulated ms; null: none does. */
  readonly since: number | null;
  readonly store: SimStore | null;
  readonly blobs: SimBlobs | null;
  /** How wrong its clock is, ms. */
  skew: number;
  /** Not null: the device is hostile. */
  tamper: Tamper | null;
  start(): void;
  /** A call of the scripting surface, past the page's part of it. Never settles where the process dies first. */
  call<M extends Method>(method: M, params: readonly unknown[]): Promise<Methods[M]['result']>;
  /** The last tab is closed: links and endpoint are told. */
  stop(): void;
  /** `kill`: the process dies. `power`: the device does, and its disk loses what was not flushed. */
  crash(kind: 'kill' | 'power'): void;
  setCarrier(present: boolean): void;
  setClock(offset: number): void;
  /** Past the node, as a hostile device would. */
  inject(link: LinkId, frame: Uint8Array): void;
  shout(room: string, to: string | null, payload: Uint8Array): void;
}

export function createPeer(host: number, deps: PeerDeps): SimPeer {
  const { scheduler, network, endpoint, hooks } = deps;
  const disk = createDisk();
  let process: Process | null = null;
  let since: number | null = null;
  let lives = 0;
  let requests = 0;
  let clock = createSimClock(scheduler, 0);

  const random = (purpose: string) =>
    createSeededRandom(new TextEncoder().encode(`${deps.seed}/${host}/${lives}/${purpose}`));

  function end(kind: 'kill' | 'power'): void {
    if (process === null) return;
    const { driver, signal, store } = process;
    process = null;
    since = null;
    driver.close();
    signal.stop(kind);
    store.crash(kind);
  }

  /** The links of a device that may be hostile. What it keeps back or changes counts as gone out. */
  function tampered(links: SimLinks): Links {
    return {
      ...links,
      send(link: LinkId, frame: Uint8Array, lane: Lane) {
        const frames = peer.tamper?.leaves(link, frame) ?? [frame];
        const same = frames.length === 1 && frames[0] === frame;
        for (const each of frames) links.send(link, each, same ? lane : 'control');
        if (same || lane === 'control') return;
        scheduler.after(0, () =>
          process?.driver.dispatch({ type: 'link-drained', link, bytes: frame.length }),
        );
      },
    };
  }

  const peer: SimPeer = {
    host,
    disk,
    skew: 0,
    tamper: null,
    get since() {
      return since;
    },
    get store() {
      return process?.store ?? null;
    },
    get blobs() {
      return process?.blobs ?? null;
    },

    start() {
      if (process !== null) return;
      lives += 1;
      since = scheduler.now();
      // Events of a former life reach nobody.
      const life = lives;
      const dispatch = (event: LinkEvent | SignalEvent): void => {
        if (life !== lives || peer.tamper?.arrives(event) === false) return;
        process?.driver.dispatch(event);
      };
      clock = createSimClock(scheduler, peer.skew);
      const store = createSimStore({
        scheduler,
        disk,
        random: random('store'),
        onCommit: (ops) => hooks.committed(peer, ops),
        onCrash: () => hooks.died(peer),
      });
      const blobs = createSimBlobs(store);
      const links = createSimLinks({ scheduler, network, host, emit: dispatch });
      const signal = createSimSignal({
        scheduler,
        endpoint,
        random: random('signal'),
        host,
        emit: dispatch,
      });
      const calls = createNodeCalls((input) => process?.driver.dispatch(input));
      const driver = createDriver({
        clock,
        random: random('node'),
        crypto: deps.crypto(),
        signatures: deps.signatures,
        store,
        blobs,
        links: tampered(links),
        signal,
        trail: TRAIL,
        hooks: {
          reply(id, value) {
            scheduler.settled();
            calls.reply(id, value);
          },
          refuse(id, code, message) {
            scheduler.settled();
            calls.refuse(id, code, message);
          },
          event: (name, payload) => hooks.event(peer, name, payload),
        },
      });
      process = { driver, calls, store, blobs, links, signal };
      void calls.call('boot', [{ origin: 'https://thicket.test', form: 'desktop' }], null);
      driver.dispatch({ type: 'carrier', present: true });
    },

    call<M extends Method>(method: M, params: readonly unknown[]): Promise<Methods[M]['result']> {
      if (process === null) return new Promise(() => undefined);
      requests += 1;
      const answer = process.calls.call(method, params, `${host}/${lives}/${requests}`);
      return answer as Promise<Methods[M]['result']>;
    },

    stop() {
      process?.links.closeAll();
      end('kill');
    },

    crash(kind) {
      network.vanish(host);
      end(kind);
    },

    setCarrier(present) {
      if (process === null) return;
      process.links.setCarrier(present);
      if (!present) process.links.closeAll();
      process.driver.dispatch({ type: 'carrier', present });
    },

    setClock(offset) {
      peer.skew = offset;
      clock.set(offset);
    },

    inject: (link, frame) => process?.links.send(link, frame, 'control'),
    shout: (room, to, payload) => process?.signal.send(room, to, payload),
  };
  return peer;
}
