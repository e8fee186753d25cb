// One answer about a grove and the acts of the screen that shows it: what was done, or failed, has it asked for again.
import { Acting } from './acting.svelte.ts';
import { GroveQuery } from './grove-query.svelte.ts';
import type { Thicket } from './thicket.ts';

export const why = (typed: string): { reason?: string } => {
  const reason = typed.trim();
  return reason === '' ? {} : { reason };
};

export class GroveActs<T> extends GroveQuery<T> {
  readonly #acting = new Acting(() => this.refresh());
  readonly #thicket: Thicket;
  readonly #grove: string;

  constructor(thicket: Thicket, grove: string, load: () => Promise<T>) {
    super(thicket, grove, load);
    this.#thicket = thicket;
    this.#grove = grove;
  }

  get busy(): boolean {
    return this.#acting.busy;
  }
  get failure() {
    return this.#acting.failure;
  }

  /** Whether it was done. */
  protected act(act: (thicket: Thicket, grove: string) => Promise<unknown>): Promise<boolean> {
    return this.#acting.run(() => act(this.#thicket, this.#grove));
  }
}
