// Whether the browser is asked to keep what is stored: offered once, when there is something that others rely on, and
// only asked by a person's press. The answer is remembered.
import type { Thicket } from './thicket.ts';

/** The part of the browser's storage manager that asks. */
export type Keeper = Pick<StorageManager, 'persist' | 'persisted'>;
export type Memory = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'thicket/keep';
/** The moment came, and nobody has answered yet. */
const DUE = 'due';
const ANSWERED = 'answered';

export class KeepState {
  /** What the page says about it, if anything. */
  state: 'quiet' | 'offered' | 'kept' | 'refused' = $state('quiet');
  readonly #thicket: Thicket;
  readonly #keeper: Keeper | null;
  readonly #memory: Memory;
  readonly #stop: (() => void)[];

  /** `keeper` is null where the browser has none. */
  constructor(thicket: Thicket, keeper: Keeper | null, memory: Memory) {
    this.#thicket = thicket;
    this.#keeper = keeper;
    this.#memory = memory;
    this.#stop = [
      thicket.on('joined', () => void this.#offer()),
      thicket.on('entry', ({ grove, cid, local }) => {
        if (local && cid !== undefined) void this.#contributed(grove, cid);
      }),
    ];
    if (memory.getItem(KEY) === DUE) void this.#offer();
  }

  async accept(): Promise<void> {
    this.#memory.setItem(KEY, ANSWERED);
    this.state = (await this.#keeper?.persist()) === true ? 'kept' : 'refused';
  }
  decline(): void {
    this.#memory.setItem(KEY, ANSWERED);
    this.state = 'quiet';
  }
  dismiss(): void {
    this.state = 'quiet';
  }
  close(): void {
    for (const stop of this.#stop) stop();
  }

  #isSettled(): boolean {
    return this.#keeper === null || this.state !== 'quiet' || this.#memory.getItem(KEY) === ANSWERED;
  }
  async #contributed(grove: string, cid: string): Promise<void> {
    if (this.#isSettled()) return;
    try {
      const { files } = await this.#thicket.contribution(grove, cid);
      if (files.length > 0) await this.#offer();
    } catch {
      // Withdrawn meanwhile, or a reaction without a text of its own: the next one will do.
      return;
    }
  }
  async #offer(): Promise<void> {
    if (this.#isSettled()) return;
    if ((await this.#keeper?.persisted()) === true) return;
    if (this.#isSettled()) return;
    this.#memory.setItem(KEY, DUE);
    this.state = 'offered';
  }
}
