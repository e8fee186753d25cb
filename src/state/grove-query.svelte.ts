// One answer about a grove that is kept fresh for as long as a screen shows it.
import { followGrove } from './follow.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

export class GroveQuery<T> extends Query<T> {
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string, load: () => Promise<T>) {
    super(load);
    this.#stop = followGrove(thicket, grove, () => this.refresh());
  }

  override close(): void {
    this.#stop();
    super.close();
  }
}
