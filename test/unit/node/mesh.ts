// Several whole nodes in one Node process: the production driver over memory ports, with a hub in place of the
// endpoint and of WebRTC. For tests of what peers do together; time is real but waits are on conditions.
import { createClock } from '../../../worker/adapters/clock.ts';
import { createNobleCrypto } from '../../../worker/adapters/crypto-noble.ts';
import { createNobleHasher } from '../../../worker/adapters/hasher.ts';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { createBlobs } from '../../../worker/blobs.ts';
import { nobleSignatures } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { LinkId } from '../../../worker/core/model/ids.ts';
import type { Disk, LinkEvent, Links, Signal, SignalEvent, Store } from '../../../worker/core/ports.ts';
import { createDriver, type Driver } from '../../../worker/driver.ts';
import { hashSource, ingestAll } from '../../../worker/ingest.ts';
import { createReader } from '../../../worker/read.ts';
import { createNodeCalls } from '../../../worker/rpc/node-calls.ts';
import { createServer } from '../../../worker/rpc/server.ts';
import type { EventName, Events, Method, Methods } from '../../../worker/rpc/api.ts';

interface End {
  owner: Hub['links'];
  name: string;
  link: LinkId;
  emit: (event: LinkEvent) => void;
  other: End | null;
  fingerprint: string;
  remote: string;
  open: boolean;
}

/** What stands between peers: rooms, and channels between ends that exchanged descriptions. */
export interface Hub {
  links: Map<string, End>;
  /** Endpoint up or down. */
  setEndpoint(up: boolean): void;
  /** What the endpoint saw. */
  seen: Uint8Array[];
  /** Changes or drops a frame on its way: null drops. */
  tamper: ((frame: Uint8Array, from: string) => Uint8Array | null) | null;
  /** Pairs of peers between whom no channel opens. */
  apart: ((a: string, b: string) => boolean) | null;
}

interface HubInside extends Hub {
  rooms: Map<string, Map<string, (event: SignalEvent) => void>>;
  clients: Set<{ up(): void; down(): void }>;
  isUp: boolean;
  ends: Map<string, End>;
  serial: number;
}

export function createHub(): HubInside {
  const hub: HubInside = {
    links: new Map(),
    rooms: new Map(),
    clients: new Set(),
    ends: new Map(),
    seen: [],
    isUp: true,
    serial: 0,
    tamper: null,
    apart: null,
    setEndpoint(up) {
      hub.isUp = up;
      if (!up) hub.rooms.clear();
      for (const client of [...hub.clients]) {
        if (up) client.up();
        else client.down();
      }
    },
  };
  return hub;
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const later = (run: () => void): void => void setImmediate(run);

function createHubSignal(hub: HubInside, emit: (event: SignalEvent) => void): Signal & { close(): void } {
  const wanted = new Set<string>();
  hub.serial += 1;
  const self = `m${hub.serial}`;
  let configured = false;

  function enter(room: string): void {
    const members = hub.rooms.get(room) ?? new Map<string, (event: SignalEvent) => void>();
    hub.rooms.set(room, members);
    const others = [...members.keys()].filter((member) => member !== self);
    members.set(self, emit);
    later(() => emit({ type: 'signal-joined', room, members: others }));
  }

  const client = {
    up() {
      if (!configured) return;
      emit({ type: 'signal-state', up: true, url: 'hub', reason: null });
      for (const room of wanted) enter(room);
    },
    down: () => emit({ type: 'signal-state', up: false, url: null, reason: 'the endpoint is gone' }),
  };
  hub.clients.add(client);

  function leaveAll(): void {
    for (const [room, members] of hub.rooms) {
      if (!members.delete(self)) continue;
      for (const tell of members.values()) later(() => tell({ type: 'signal-left', room, member: self }));
    }
  }

  return {
    configure(urls) {
      if (urls.length === 0 || configured) return;
      configured = true;
      if (hub.isUp) later(client.up);
    },
    join(room) {
      wanted.add(room);
      if (configured && hub.isUp) enter(room);
    },
    leave(room) {
      wanted.delete(room);
      hub.rooms.get(room)?.delete(self);
    },
    send(room, to, payload) {
      const members = hub.rooms.get(room);
      if (!hub.isUp || members?.has(self) !== true) return;
      hub.seen.push(payload);
      for (const [member, tell] of members) {
        if (member === self || (to !== null && member !== to)) continue;
        later(() => tell({ type: 'signal-message', room, from: self, payload: payload.slice() }));
      }
    },
    close() {
      hub.clients.delete(client);
      leaveAll();
    },
  };
}

/** Descriptions carry the end's name where SDP carries the fingerprint; exchanging them joins the ends. */
function createHubLinks(
  hub: HubInside,
  name: string,
  emit: (event: LinkEvent) => void,
): Links & { closeAll(): void } {
  const mine = new Map<LinkId, End>();

  const hex = (text: string): string =>
    [...new TextEncoder().encode(text.padEnd(32, '.').slice(0, 32))]
      .map((byte) => byte.toString(16).padStart(2, '0').toUpperCase())
      .join(':');

  function describe(end: End, type: 'offer' | 'answer'): string {
    const sdp = `v=0\r\na=fingerprint:${end.fingerprint}\r\na=end:${end.fingerprint}\r\n`;
    return JSON.stringify({ type, sdp });
  }

  function close(link: LinkId, reason: string): void {
    const end = mine.get(link);
    if (end === undefined) return;
    mine.delete(link);
    hub.ends.delete(end.fingerprint);
    later(() => emit({ type: 'link-closed', link, reason }));
    const { other } = end;
    if (other !== null)
      later(() => other.emit({ type: 'link-closed', link: other.link, reason: 'the other side closed' }));
    end.other = null;
  }

  return {
    open(link, { initiator }) {
      hub.serial += 1;
      const fingerprint = `sha-256 ${hex(`${name}/${hub.serial}`)}`;
      const end: End = {
        owner: hub.links,
        name,
        link,
        emit,
        other: null,
        fingerprint,
        remote: '',
        open: false,
      };
      mine.set(link, end);
      hub.ends.set(fingerprint, end);
      if (initiator) later(() => emit({ type: 'link-signal', link, data: describe(end, 'offer') }));
    },
    signal(link, data) {
      const end = mine.get(link);
      const description = JSON.parse(data) as { type: string; sdp?: string };
      const remote = /a=end:(.+)\r\n/.exec(description.sdp ?? '')?.[1];
      if (end === undefined || remote === undefined) return;
      const other = hub.ends.get(remote) ?? null;
      end.remote = remote;
      if (description.type === 'offer')
        later(() => emit({ type: 'link-signal', link, data: describe(end, 'answer') }));
      else if (other !== null && hub.apart?.(name, other.name) !== true) {
        end.other = other;
        other.other = end;
        for (const each of [end, other]) {
          each.open = true;
          const far = each === end ? other : end;
          later(() =>
            each.emit({
              type: 'link-open',
              link: each.link,
              local: each.fingerprint,
              remote: far.fingerprint,
            }),
          );
        }
      }
    },
    send(link, frame, lane) {
      const end = mine.get(link);
      const other = end?.other;
      if (lane === 'bulk') later(() => emit({ type: 'link-drained', link, bytes: frame.length }));
      if (!other) return;
      const sent = hub.tamper === null ? frame : hub.tamper(frame, name);
      if (sent === null) return;
      const copy = sent.slice();
      later(() => {
        if (end.other === other) other.emit({ type: 'link-frame', link: other.link, frame: copy });
      });
    },
    close,
    closeAll() {
      for (const link of [...mine.keys()]) close(link, 'gone');
    },
  };
}

export type PeerApi = { [M in Method]: (...params: Methods[M]['params']) => Promise<Methods[M]['result']> };

export interface TestPeer {
  api: PeerApi;
  store: Store;
  driver: Driver;
  events: { name: string; payload: unknown }[];
  on<E extends EventName>(name: E, listener: (payload: Events[E]) => void): void;
  call(method: string, params: unknown[], requestId?: string | null): Promise<unknown>;
  /** The tab is gone: its links and its place at the endpoint too. The store stays. */
  stop(): void;
  carrier(present: boolean): void;
}

export function createPeer(
  hub: HubInside,
  name: string,
  options: { store?: Store; seed?: number; disk?: Disk } = {},
): TestPeer {
  const store = options.store ?? createMemoryStore();
  const crypto = createNobleCrypto();
  const createHasher = () => Promise.resolve(createNobleHasher());
  const events: TestPeer['events'] = [];
  const listeners: { name: string; run: (payload: never) => void }[] = [];
  let driver: Driver | null = null;
  const signal = createHubSignal(hub, (event) => driver?.dispatch(event));
  const links = createHubLinks(hub, name, (event) => driver?.dispatch(event));
  const calls = createNodeCalls((input) => driver?.dispatch(input));
  hub.serial += 1;
  driver = createDriver({
    clock: createClock(),
    random: createSeededRandom(options.seed ?? hub.serial * 7919),
    crypto,
    signatures: nobleSignatures,
    store,
    ...(options.disk === undefined ? {} : { disk: options.disk }),
    blobs: createBlobs({ store, crypto, createHasher, pause }),
    links,
    signal,
    hooks: {
      reply: (id, value) => calls.reply(id, value),
      refuse: (id, code, message) => calls.refuse(id, code, message),
      event(event, payload) {
        events.push({ name: event, payload });
        for (const each of listeners) if (each.name === event) each.run(payload as never);
      },
    },
  });
  const started = driver;
  const hash = (bytes: Uint8Array): Uint8Array => crypto.hash(bytes);
  const reader = createReader({ store, hash });
  const server = createServer({
    node: (method, params, requestId) => calls.call(method, params, requestId),
    ingest: (sources) => ingestAll(sources, { store, hash, createHasher, pause }),
    read: (artifact, mediaType, range) => reader.read(artifact, mediaType, range),
    hash: (source) => hashSource(source, { createHasher, pause }),
    testEndpoint: () => Promise.reject(new Error('no endpoint here')),
    paths: () => Promise.resolve([]),
    loadSample: () => Promise.reject(new Error('no sample here')),
    process: () => ({ build: 'test', peer: name, carrier: { tab: null, tabs: 0 } }),
    onSettings: () => undefined,
    uuid: () => globalThis.crypto.randomUUID(),
    restart: () => undefined,
  });
  const call = (method: string, params: unknown[], requestId: string | null = null): Promise<unknown> =>
    server.handle(method, params, requestId);
  void calls.call('boot', [{ origin: `http://${name}.test`, form: 'desktop' }], null);
  started.dispatch({ type: 'carrier', present: true });

  return {
    api: new Proxy({} as PeerApi, {
      get:
        (_, method: string) =>
        (...params: unknown[]) =>
          call(method, params, globalThis.crypto.randomUUID()),
    }),
    store,
    driver: started,
    events,
    on: (event, run) => void listeners.push({ name: event, run }),
    call,
    carrier(present) {
      if (!present) links.closeAll();
      started.dispatch({ type: 'carrier', present });
    },
    stop() {
      links.closeAll();
      signal.close();
      setImmediate(() => started.close());
    },
  };
}

/** Polls until it holds. The limit is for a hung run; no test waits for time to pass. */
export async function until<T>(
  probe: () => Promise<T | null | undefined | false>,
  what: string,
  limit = 15_000,
): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const value = await probe().catch(() => null);
    if (value !== null && value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`not reached in ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A grove of a's with b joined to it. */
export async function pair(
  hub: ReturnType<typeof createHub>,
): Promise<{ a: TestPeer; b: TestPeer; id: string; url: string }> {
  const a = createPeer(hub, 'a');
  const b = createPeer(hub, 'b');
  await a.api.setName('Ada');
  await b.api.setName('Ben');
  const { id } = await a.api.createGrove({
    name: 'Grove',
    metrics: [{ name: 'loss', direction: 'minimize' }],
  });
  const url = await a.api.invite(id);
  await b.api.join(url);
  await joined(b, id);
  return { a, b, id, url };
}

/** Until the peer is a member by its own log. */
export const joined = (peer: TestPeer, id: string): Promise<unknown> =>
  until(async () => (await peer.api.groves()).find((grove) => grove.id === id)?.role, 'membership');

export const work = (summary: string, extra: object = {}) => ({ kind: 'work' as const, summary, ...extra });

export const has = (peer: TestPeer, id: string, cid: string): Promise<unknown> =>
  until(async () => peer.api.contribution(id, cid), `contribution ${cid.slice(0, 14)}`);
