// How links of a grove go and why they don't: asked again while the page of peers is seen. Tests of servers and of the clock are
// made when asked for.
import type { HeldBy, NetworkInfo, PeerInfo, Settings, Stats } from '../../worker/rpc/api.ts';
import { kindOf, type IceResult, type IceServer } from '../links/ice-test.ts';
import { diagnose, type Finding } from '../peers/diagnosis.ts';
import { noPaths, pathsByPeer, type PeerPath } from '../peers/path.ts';
import { noRates, ratesOf, sampleOf, type Rate, type Sample } from '../peers/rates.ts';
import { toProblem, type Problem } from './problem.ts';
import type { Thicket } from './thicket.ts';

/** ms. Long enough for a rate, short enough to see a link come. */
const EVERY = 2_000;

export interface NetworkPorts {
  isSeen(): boolean;
  isOnline(): boolean;
  now(): number;
  testIce(server: IceServer, url: string): Promise<IceResult>;
  /** The endpoint's time, ms since the epoch; null where it can't be had. */
  serverTime(): Promise<number | null>;
}

export interface NetworkNow {
  network: NetworkInfo;
  stats: Stats;
  peers: PeerInfo[];
  servers: Settings['iceServers'];
  relayOnly: boolean;
}

export class NetworkState {
  now: NetworkNow | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  rates: ReadonlyMap<string, Rate> = $state.raw(noRates());
  paths: ReadonlyMap<string, PeerPath> = $state.raw(noPaths());
  /** The newest test of each server. */
  ice: IceResult[] = $state.raw([]);
  testing = $state(false);
  clockOff: number | null = $state(null);
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #ports: NetworkPorts;
  readonly #stop: (() => void)[];
  #sample: Sample | null = null;
  #busy = false;
  #again = false;
  #closed = false;

  constructor(thicket: Thicket, grove: string, ports: NetworkPorts) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#ports = ports;
    const timer = setInterval(() => void this.#look(), EVERY);
    const soon = (): void => void this.#look();
    this.#stop = [
      () => clearInterval(timer),
      thicket.on('peers', soon),
      thicket.on('signal', soon),
      thicket.on('restarted', soon),
    ];
    soon();
  }

  /** Null until the first answer. */
  get findings(): Finding[] | null {
    if (this.now === null) return null;
    const { network, relayOnly } = this.now;
    const { stun, turn } = this.servers;
    const refused = this.now.peers.filter(({ standing }) => standing?.state === 'refused');
    const facts = {
      ...{ online: this.#ports.isOnline(), network, stun, turn, relayOnly, ice: this.ice },
      refused: refused.map(({ peerId }) => peerId),
    };
    return diagnose({ ...facts, clockOff: this.clockOff, now: this.#ports.now() });
  }
  /** How many of each kind are set. */
  get servers(): { stun: number; turn: number } {
    const kinds = (this.now?.servers ?? []).flatMap(({ urls }) => urls.map(kindOf));
    const turn = kinds.filter((kind) => kind === 'turn').length;
    return { stun: kinds.length - turn, turn };
  }
  refresh(): void {
    void this.#look();
  }
  heldBy(peer: string): Promise<HeldBy> {
    return this.#thicket.heldBy(this.#grove, peer);
  }

  /** Each server that is set, all at once: one that is dead takes its time. And the clock. */
  async test(): Promise<void> {
    if (this.testing) return;
    this.testing = true;
    try {
      const { iceServers } = await this.#thicket.settings();
      const time = await this.#ports.serverTime();
      this.clockOff = time === null ? null : this.#ports.now() - time;
      this.ice = [];
      const all = iceServers.flatMap((server) => server.urls.map((url) => ({ server, url })));
      await Promise.all(
        all.map(async ({ server, url }) => {
          const result = await this.#ports.testIce(server, url);
          this.ice = [...this.ice, result];
        }),
      );
    } catch (error) {
      this.problem = toProblem(error);
    } finally {
      this.testing = false;
    }
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stop) stop();
  }

  async #look(): Promise<void> {
    if (this.#busy) this.#again = true;
    if (this.#busy || this.#isOver() || !this.#ports.isSeen()) return;
    this.#busy = true;
    try {
      const [network, stats, peers, paths, settings] = await Promise.all([
        this.#thicket.network(this.#grove),
        this.#thicket.stats(),
        this.#thicket.peers(this.#grove),
        this.#thicket.paths(),
        this.#thicket.settings(),
      ]);
      if (this.#isOver()) return;
      const at = this.#ports.now();
      // Asked again sooner, a rate would be of a moment.
      if (this.#sample === null || at - this.#sample.at >= EVERY / 2) {
        this.rates = ratesOf(this.#sample, peers, at);
        this.#sample = sampleOf(peers, at);
      }
      this.paths = pathsByPeer(peers, paths);
      const { iceServers: servers, relayOnly } = settings;
      this.now = { network, stats, peers, servers, relayOnly };
      this.problem = null;
    } catch (error) {
      this.problem = toProblem(error);
    }
    this.#busy = false;
    this.#askAgain();
  }

  /** Asked anew: it may have been closed while an answer was on its way. */
  #isOver(): boolean {
    return this.#closed;
  }

  /** Something changed while the answer was on its way. */
  #askAgain(): void {
    if (!this.#again) return;
    this.#again = false;
    void this.#look();
  }
}
