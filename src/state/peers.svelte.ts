// Who is in a grove and who is linked, with what is known of their lag; and how far this device's own work has come.
import type { Member, PeerInfo } from '../../worker/rpc/api.ts';
import { peerRows, type PeerRow } from './peer-rows.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

/** Round trips and lag move without an event of their own. */
const POLL_MS = 5000;
/** ms. While much is on its way one watches it come. */
const WATCH_MS = 500;

/** Entries. Fewer are here before anybody has read how many they are. */
const MUCH = 500;

/** A peer that is linked now. */
export interface Linked {
  id: string;
  name: string;
}

export class PeersState {
  readonly #peers: Query<PeerInfo[]>;
  readonly #members: Query<Member[]>;
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket, grove: string) {
    this.#peers = new Query(() => thicket.peers(grove));
    this.#members = new Query(() => thicket.members(grove));
    const refresh = (): void => this.#peers.refresh();
    const poll = setInterval(refresh, POLL_MS);
    const watch = setInterval(() => {
      if (this.peers.some(({ sync }) => sync === 'backfilling' || sync === 'idle')) this.#peers.refresh();
    }, WATCH_MS);
    this.#stop = [
      () => clearInterval(poll),
      () => clearInterval(watch),
      thicket.on('peers', refresh),
      thicket.on('signal', refresh),
      thicket.on('restarted', refresh),
      thicket.on('changed', (event) => {
        if (event.grove !== grove) return;
        refresh();
        this.#members.refresh();
      }),
    ];
  }

  get peers(): PeerInfo[] {
    return this.#peers.value ?? [];
  }
  get problem() {
    return this.#members.problem ?? this.#peers.problem;
  }
  /** Linked members that lack nothing of what is held here. */
  get complete(): number {
    return this.peers.filter((peer) => peer.state === 'linked' && peer.lag === 0).length;
  }
  /** How far this device is where much is on its way to it; several neighbours tell of the same. */
  get catchUp(): { done: number; total: number } | null {
    const [most] = this.peers
      .flatMap(({ sync, backfill }) => (sync === 'backfilling' && backfill !== null ? [backfill] : []))
      .sort((a, b) => b.total - a.total);
    return most === undefined || most.total < MUCH ? null : most;
  }
  get linked(): Linked[] {
    const linked = this.peers.filter((peer) => peer.state === 'linked');
    return linked.map(({ peerId }) => ({ id: peerId, name: this.nameOf(peerId) }));
  }
  get rows(): PeerRow[] {
    return peerRows(this.#members.value ?? [], this.peers);
  }
  nameOf(peer: string): string {
    const member = this.#members.value?.find((each) => each.peerId === peer);
    return member?.name ?? this.peers.find((each) => each.peerId === peer)?.name ?? '';
  }
  refresh(): void {
    this.#peers.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    for (const query of [this.#peers, this.#members]) query.close();
  }
}
