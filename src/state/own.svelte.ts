// The keys of this person: of this device and of all others that are its too. What it says of "you" goes by them.
import type { Device } from '../../worker/rpc/api.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

/** What changes who is one person. */
const KINDS: ReadonlySet<string> = new Set(['vouch', 'revoke']);

export class OwnState {
  readonly #query: Query<Device[]>;
  readonly #stop: (() => void)[];
  readonly #keys = $derived.by((): readonly string[] => this.#query.value?.map(({ peerId }) => peerId) ?? []);

  constructor(thicket: Thicket) {
    this.#query = new Query(() => thicket.devices());
    const refresh = (): void => this.#query.refresh();
    this.#stop = [
      ...(['groves', 'joined', 'identity', 'restarted'] as const).map((event) => thicket.on(event, refresh)),
      thicket.on('entry', ({ kind }) => {
        if (KINDS.has(kind)) refresh();
      }),
    ];
  }

  get devices(): Device[] | null {
    return this.#query.value;
  }
  get problem() {
    return this.#query.problem;
  }
  has(peer: string): boolean {
    return this.#keys.includes(peer);
  }
  refresh(): void {
    this.#query.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.#query.close();
  }
}
