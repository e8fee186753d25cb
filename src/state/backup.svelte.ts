// When a backup was last made, and whether a new one would hold more.
import type { Methods } from '../../worker/rpc/api.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

type Told = Methods['backupState']['result'];

/** A grove's secret that changed. */
const ROTATION = 'rotate';

export class BackupState {
  readonly #query: Query<Told>;
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket) {
    this.#query = new Query(() => thicket.backupState());
    const refresh = (): void => this.#query.refresh();
    this.#stop = [
      ...(['groves', 'joined', 'identity', 'restarted'] as const).map((event) => thicket.on(event, refresh)),
      thicket.on('entry', ({ kind }) => {
        if (kind === ROTATION) refresh();
      }),
    ];
  }

  get value(): Told | null {
    return this.#query.value;
  }
  refresh(): void {
    this.#query.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.#query.close();
  }
}
