// The groves on this device and who this device is.
import type { GroveInfo, Identity } from '../../worker/rpc/api.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

export class GrovesState {
  readonly #identity: Query<Identity>;
  readonly #groves: Query<GroveInfo[]>;
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket) {
    this.#identity = new Query(() => thicket.identity());
    this.#groves = new Query(() => thicket.groves());
    const refresh = (): void => this.#groves.refresh();
    this.#stop = [
      thicket.on('identity', () => this.#identity.refresh()),
      // It may be the first worker that answers this page at all, or one with a new key.
      thicket.on('restarted', () => this.refresh()),
      ...(['groves', 'changed', 'peers', 'joined', 'refused'] as const).map((event) =>
        thicket.on(event, refresh),
      ),
    ];
  }

  get identity(): Identity | null {
    return this.#identity.value;
  }
  get list(): GroveInfo[] | null {
    return this.#groves.value;
  }
  get problem() {
    return this.#groves.problem ?? this.#identity.problem;
  }
  find(id: string): GroveInfo | undefined {
    return this.#groves.value?.find((grove) => grove.id === id);
  }
  refresh(): void {
    this.#groves.refresh();
    this.#identity.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.#groves.close();
    this.#identity.close();
  }
}
