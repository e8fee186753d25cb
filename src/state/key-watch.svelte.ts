// Whether this browser still has the key that it had: where not, a person says what is to be done, before anything else.
import type { KnownKey } from './known-key.ts';
import type { Thicket } from './thicket.ts';

export class KeyWatch {
  /** `looking` until it is known; `lost`: another key was here, and nobody here replaced it. */
  state: 'looking' | 'known' | 'lost' = $state('looking');
  /** The key that was here. */
  was: string | null = $state(null);
  readonly #thicket: Pick<Thicket, 'devices'>;
  readonly #known: KnownKey;
  #key: string | null = null;

  constructor(thicket: Pick<Thicket, 'devices'>, known: KnownKey) {
    this.#thicket = thicket;
    this.#known = known;
  }

  /** Under which name of localStorage it is remembered. */
  get place(): string {
    return this.#known.name;
  }

  /** The peer says who it is: at the start, and whenever it started again. */
  async meet(key: string): Promise<void> {
    this.#key = key;
    if (this.#known.readAtOnce() === key) {
      this.#settle();
      return;
    }
    const was = await this.#known.read();
    if (this.#key !== key) return;
    const lost = was !== null && was !== key && !(await this.#isOwn(was));
    if (this.#key !== key) return;
    if (lost && this.#known.readAtOnce() !== key) {
      this.was = was;
      this.state = 'lost';
    } else await this.keep(key);
  }

  /** Whoever is here now is meant to be: restored, begun anew, or with a new key. */
  async keep(key = this.#key): Promise<void> {
    if (key === null) return;
    this.#key = key;
    this.#settle();
    await this.#known.note(key);
  }

  /** The same, but what is shown stays until `keep`: a reload finds it settled. */
  async noted(): Promise<void> {
    if (this.#key !== null) await this.#known.note(this.#key);
  }

  #settle(): void {
    this.was = null;
    this.state = 'known';
  }
  /** An earlier key of this very person, as its groves tell: a new one took its place. */
  async #isOwn(key: string): Promise<boolean> {
    try {
      return (await this.#thicket.devices()).some(({ peerId }) => peerId === key);
    } catch {
      return false;
    }
  }
}
