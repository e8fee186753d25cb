// Who is at what in a grove just now, and what this device says of itself: as the page shows it, unless a script said it.
import type { PresenceChange, PresenceInfo } from '../../worker/rpc/api.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

export class PresenceState {
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #query: Query<PresenceInfo[]>;
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket, grove: string) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#query = new Query(() => thicket.presence(grove));
    const refresh = (): void => this.#query.refresh();
    this.#stop = [
      thicket.on('presence', (event) => {
        if (event.grove === grove) refresh();
      }),
      thicket.on('restarted', refresh),
    ];
    void this.#arrive();
  }

  get all(): PresenceInfo[] {
    return this.#query.value ?? [];
  }
  of(peer: string): PresenceInfo | null {
    return this.all.find(({ peerId }) => peerId === peer) ?? null;
  }
  /** Others who say that they work on it. */
  workingOn(cid: string): PresenceInfo[] {
    return this.all.filter((row) => row.status === 'working' && row.cid === cid && !row.self);
  }
  /** Something is being written, about that or about nothing that is there yet. */
  begin(cid: string | null): Promise<void> {
    return this.#say({ status: 'working', cid, note: '' });
  }
  /** It was left, or became `cid`. */
  end(cid: string | null): Promise<void> {
    return this.#say({ status: cid === null ? 'idle' : 'done', cid, note: '' });
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.#query.close();
  }

  /** That somebody is here, where nothing better was said. */
  async #arrive(): Promise<void> {
    try {
      const rows = await this.#thicket.presence(this.#grove);
      if (!rows.some(({ self }) => self)) await this.#say({ status: 'idle' });
    } catch {
      // Nobody is told then; nothing depends on it.
      return;
    }
  }
  async #say(change: PresenceChange): Promise<void> {
    try {
      await this.#thicket.presence(this.#grove, change);
    } catch {
      // A membership that has not arrived yet, say. Nothing depends on it.
      return;
    }
    this.#query.refresh();
  }
}
