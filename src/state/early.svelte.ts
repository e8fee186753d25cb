// A large grove's first view as it was last time, while its log is read back (SPEC G28). Only shown until the grove itself
// answers; nothing is asked of a grove that needn't be waited for.
import type { Glance } from '../../worker/rpc/api.ts';
import type { Thicket } from './thicket.ts';

export class EarlyView {
  value: Pick<Glance, 'frontier' | 'items'> | null = $state.raw(null);
  #closed = false;

  constructor(thicket: Thicket, grove: string, isRead: boolean) {
    if (!isRead) void this.#ask(thicket, grove);
  }

  close(): void {
    this.#closed = true;
  }

  async #ask(thicket: Thicket, grove: string): Promise<void> {
    try {
      const glance = await thicket.glance(grove);
      if (!this.#closed) this.value = glance;
    } catch {
      // The answer that is waited for says what is wrong.
      this.value = null;
    }
  }
}
