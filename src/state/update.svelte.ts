// Whether a newer build waits for a click. The composition root tells it; the shell shows it.
export class UpdateState {
  apply: (() => void) | null = $state.raw(null);

  /** A newer build is installed; `apply` switches to it. */
  offer(apply: () => void): void {
    this.apply = apply;
  }
}
