// Who is in a grove and who is linked, with what is known of their lag; and how far this device's own work has come.
import type { GrovePolicy, Member, PeerInfo, Stats } from '../../worker/rpc/api.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

/** Round trips and lag move without an event of their own. */
const POLL_MS = 5000;

export interface Row {
  member: Member | null;
  peer: PeerInfo | null;
}

export class PeersState {
  readonly #peers: Query<PeerInfo[]>;
  readonly #members: Query<Member[]>;
  readonly #stats: Query<Stats>;
  readonly #policy: Query<GrovePolicy>;
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket, grove: string) {
    this.#peers = new Query(() => thicket.peers(grove));
    this.#members = new Query(() => thicket.members(grove));
    this.#stats = new Query(() => thicket.stats());
    this.#policy = new Query(() => thicket.policy(grove));
    const refresh = (): void => {
      this.#peers.refresh();
      this.#stats.refresh();
    };
    const poll = setInterval(refresh, POLL_MS);
    this.#stop = [
      () => clearInterval(poll),
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
  get stats(): Stats | null {
    return this.#stats.value;
  }
  get policy(): GrovePolicy | null {
    return this.#policy.value;
  }
  get problem() {
    return this.#members.problem ?? this.#peers.problem;
  }
  /** Linked members that lack nothing of what is held here. */
  get complete(): number {
    return this.peers.filter((peer) => peer.state === 'linked' && peer.lag === 0).length;
  }
  /** Members and others that are in sight, this device first, then those linked. */
  get rows(): Row[] {
    const peers = new Map(this.peers.map((peer) => [peer.peerId, peer]));
    const members = this.#members.value ?? [];
    const rows: Row[] = members.map((member) => ({ member, peer: peers.get(member.peerId) ?? null }));
    const known = new Set(members.map((member) => member.peerId));
    for (const peer of this.peers) if (!known.has(peer.peerId)) rows.push({ member: null, peer });
    const order = { self: 0, linked: 1, connecting: 2, error: 3, away: 4 };
    const weight = (row: Row): number => order[row.peer?.state ?? 'away'];
    return rows.sort((a, b) => weight(a) - weight(b));
  }
  refreshPolicy(): void {
    this.#policy.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    for (const query of [this.#peers, this.#members, this.#stats, this.#policy]) query.close();
  }
}
