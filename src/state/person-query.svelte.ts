// One answer about who one is, kept fresh: asked for again where a grove comes or goes, the peer starts again, or an act of such a kind
// is heard of.
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

export class PersonQuery<T> extends Query<T> {
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket, kinds: readonly string[], load: () => Promise<T>) {
    super(load);
    const refresh = (): void => this.refresh();
    this.#stop = [
      ...(['groves', 'joined', 'identity', 'restarted'] as const).map((event) => thicket.on(event, refresh)),
      thicket.on('entry', ({ kind }) => {
        if (kinds.includes(kind)) refresh();
      }),
    ];
  }

  override close(): void {
    for (const stop of this.#stop) stop();
    super.close();
  }
}
