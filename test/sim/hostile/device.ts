// A member that means harm: real keys, real links, the production node, and a hand in between that changes, keeps back
// and adds what is said. What it says is for the behaviours to choose; here is what they have in common.
import { IDENTITY_KEY } from '../../../worker/core/boot.ts';
import { groveOf, signEntry, type Entry } from '../../../worker/core/model/entry.ts';
import type { GroveId, LinkId, PeerId } from '../../../worker/core/model/ids.ts';
import { keypairFromSeed, type Keypair } from '../../../worker/core/model/keys.ts';
import { createSeededRandom, type SeededRandom } from '../../../worker/core/model/random.ts';
import type { LinkEvent, SignalEvent, Signatures } from '../../../worker/core/ports.ts';
import { decodeRow } from '../../../worker/core/sync/row.ts';
import { asBytes, asMap, decode } from '../../../worker/core/wire/cbor.ts';
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  type KnownFrame,
  type WireEntry,
} from '../../../worker/core/wire/frame.ts';
import type { SimPeer, Tamper } from '../peer.ts';
import type { World } from '../world.ts';

type Type = KnownFrame['type'];
type Of<T extends Type> = Extract<KnownFrame, { type: T }>;

/** A way to do harm. */
export interface Behaviour {
  readonly name: string;
  begin(device: HostileDevice): void;
}

/** Another end of a link that is authenticated. */
export interface Victim {
  link: LinkId;
  peer: PeerId;
}

export interface HostileDevice {
  readonly peer: SimPeer;
  readonly keypair: Keypair;
  readonly grove: GroveId;
  readonly random: SeededRandom;
  readonly signatures: Signatures;
  readonly world: World;
  victims(): readonly Victim[];
  /** Everyone in the grove that it ever linked to or heard an entry of. */
  known(): readonly PeerId[];
  /** Entries that came to it, the newest last, in bounds. */
  entries(): readonly { entry: Entry; wire: WireEntry }[];
  /** Its own newest entry, as its disk has it. */
  head(): Entry | null;
  signed(entry: Entry): Uint8Array;
  send(link: LinkId, frame: Frame): void;
  sendBytes(link: LinkId, bytes: Uint8Array): void;
  /** In place of what its node says: other frames, or none. Undefined: as it is. */
  instead<T extends Type>(type: T, say: (frame: Of<T>, to: Victim) => readonly Frame[] | undefined): void;
  /** False: its node never hears of it. */
  hears(listen: (frame: Frame, bytes: Uint8Array, from: Victim) => boolean): void;
  signaled(listen: (event: SignalEvent) => void): void;
  every(ms: number, run: () => void): void;
  pick<T>(from: readonly T[]): T | undefined;
  chance(share: number): boolean;
}

/** Entries remembered. */
const MEMORY = 400;

function identityOf(peer: SimPeer): Keypair {
  const bytes = peer.disk.data.meta.values.get(IDENTITY_KEY);
  const decoded = bytes && decode(bytes, { maxBytes: 65_536 });
  const seed = decoded?.ok ? asBytes(asMap(decoded.value)?.get('seed'), 32) : null;
  if (seed === null) throw new Error(`peer ${peer.host} has no identity`);
  return keypairFromSeed(seed);
}

/** Makes a member hostile, from now on and for good. `said` is told of all it says that is not its node's. */
export function corrupt(
  world: World,
  peer: SimPeer,
  grove: GroveId,
  behaviours: readonly Behaviour[],
  said: (behaviour: string) => void,
): void {
  const keypair = identityOf(peer);
  const random = createSeededRandom(new TextEncoder().encode(`hostile ${peer.host} ${world.transcript()}`));
  /** Both sides proved who they are: their nodes talk now. */
  const open = new Map<LinkId, PeerId>();
  const hellos = new Map<LinkId, PeerId>();
  const met = new Set<PeerId>();
  const heard: { entry: Entry; wire: WireEntry }[] = [];
  const sayings = new Map<Type, ((frame: Frame, to: Victim) => readonly Frame[] | undefined)[]>();
  const listeners: ((frame: Frame, bytes: Uint8Array, from: Victim) => boolean)[] = [];
  const signals: ((event: SignalEvent) => void)[] = [];

  for (const { link, peer: other } of world.linksOf(peer)) open.set(link, other);

  function remember(wires: readonly WireEntry[]): void {
    for (const wire of wires) {
      const entry = world.checks.decodeHeader(wire.header);
      if (entry === null || groveOf(entry) !== grove) continue;
      met.add(entry.author);
      heard.push({ entry, wire });
    }
    heard.splice(0, heard.length - MEMORY);
  }

  function onFrame(link: LinkId, bytes: Uint8Array): boolean {
    const decoded = decodeFrame(bytes);
    if (!decoded.ok) return true;
    const frame = decoded.value;
    if (frame.type === 'hello') hellos.set(link, frame.key);
    const other = open.get(link);
    if (other === undefined) return true;
    if (frame.type === 'entries') remember(frame.entries);
    return listeners.map((listen) => listen(frame, bytes, { link, peer: other })).every((hear) => hear);
  }

  const tamper: Tamper = {
    leaves(link, bytes) {
      const decoded = decodeFrame(bytes);
      if (!decoded.ok || decoded.value.type === 'unknown') return [bytes];
      const frame = decoded.value;
      const known = hellos.get(link);
      if (frame.type === 'tags' && known !== undefined) {
        open.set(link, known);
        met.add(known);
      }
      const other = open.get(link);
      if (other === undefined) return [bytes];
      for (const say of sayings.get(frame.type) ?? []) {
        const frames = say(frame, { link, peer: other });
        if (frames !== undefined) return frames.map(encodeFrame);
      }
      return [bytes];
    },
    arrives(event: LinkEvent | SignalEvent) {
      if (event.type === 'link-frame') return onFrame(event.link, event.frame);
      if (event.type === 'link-closed') {
        open.delete(event.link);
        hellos.delete(event.link);
      } else if (event.type === 'signal-message') for (const listen of signals) listen(event);
      return true;
    },
  };

  const prefix = `${grove}/${keypair.id}/`;
  world.corrupt(peer, tamper);
  for (const behaviour of behaviours) {
    const device: HostileDevice = {
      peer,
      keypair,
      grove,
      random,
      signatures: world.signatures,
      world,
      victims: () => [...open].map(([link, other]) => ({ link, peer: other })),
      known: () => [...met],
      entries: () => heard,
      head() {
        const { keys, values } = peer.disk.data.log;
        const key = keys.findLast((each) => each.startsWith(prefix));
        const row = decodeRow((key === undefined ? undefined : values.get(key)) ?? new Uint8Array());
        return row.ok ? row.value.entry : null;
      },
      signed: (entry) => signEntry(world.signatures, keypair, entry.id),
      send(link, frame) {
        device.sendBytes(link, encodeFrame(frame));
      },
      sendBytes(link, bytes) {
        said(behaviour.name);
        peer.inject(link, bytes);
      },
      instead(type, say) {
        const before = sayings.get(type) ?? [];
        const counted = (frame: Frame, to: Victim): readonly Frame[] | undefined => {
          const frames = frame.type === type ? say(frame as Of<typeof type>, to) : undefined;
          if (frames !== undefined) said(behaviour.name);
          return frames;
        };
        sayings.set(type, [...before, counted]);
      },
      hears: (listen) => void listeners.push(listen),
      signaled: (listen) => void signals.push(listen),
      every(ms, run) {
        const again = (): void => {
          if (peer.since !== null) run();
          world.scheduler.after(ms * (0.8 + 0.4 * random.float()), again);
        };
        world.scheduler.after(ms * random.float(), again);
      },
      pick: (from) => from[random.int(Math.max(1, from.length))],
      chance: (share) => random.float() < share,
    };
    behaviour.begin(device);
  }
}
