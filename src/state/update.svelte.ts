// A newer build that waits for a click, and then until nothing is being written or transferred. The composition root tells it; the shell shows it.
export class UpdateState {
  /** A person asked for it. */
  asked = $state(false);
  #apply: (() => void) | null = $state.raw(null);
  #moving = false;
  readonly #written: () => Promise<void>;

  /** `written` resolves once no call that writes is under way. */
  constructor(written: () => Promise<void>) {
    this.#written = written;
  }

  get ready(): boolean {
    return this.#apply !== null;
  }
  /** A newer build is installed; `apply` switches to it. */
  offer(apply: () => void): void {
    this.#apply = apply;
  }
  take(): void {
    this.asked = true;
    void this.#go();
  }
  /** Whether bytes are on their way. */
  moving(now: boolean): void {
    this.#moving = now;
    void this.#go();
  }
  async #go(): Promise<void> {
    if (!this.#free()) return;
    await this.#written();
    // Meanwhile a transfer may have begun.
    if (!this.#free()) return;
    const apply = this.#apply;
    this.#apply = null;
    apply?.();
  }
  #free(): boolean {
    return this.asked && !this.#moving;
  }
}
