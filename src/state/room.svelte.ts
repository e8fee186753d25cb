// Whether this device has room, and what a person should be told of it on every page. Words are chosen by the views.
import type { Events } from '../../worker/rpc/api.ts';
import type { Thicket } from './thicket.ts';

/** From here on it is said that little room is left; below `CALM` no more. */
const WARN = 0.9;
const CALM = 0.85;

export interface Over {
  /** Null: the whole device. */
  grove: string | null;
  bytes: number;
}

export class RoomState {
  /** A write found the disk full, and nothing says yet that there is room again. */
  full = $state(false);
  /** Of what the browser allows, once it is much. */
  percent: number | null = $state(null);
  over: Over[] = $state.raw([]);
  /** Taken off the page until it is news again. */
  #dismissed: { percent: boolean; over: readonly (string | null)[] } = { percent: false, over: [] };
  #over: readonly Over[] = [];
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket) {
    this.#stop = [
      thicket.on('storage', (told) => this.#take(told)),
      thicket.on('restarted', () => void this.#ask(thicket)),
    ];
    void this.#ask(thicket);
  }

  dismissPercent(): void {
    this.percent = null;
    this.#dismissed.percent = true;
  }
  dismissOver(grove: string | null): void {
    this.#dismissed.over = [...this.#dismissed.over, grove];
    this.#showOver();
  }
  close(): void {
    for (const stop of this.#stop) stop();
  }

  #take({ full, quota, over }: Pick<Events['storage'], 'full' | 'quota' | 'over'>): void {
    this.full = full;
    this.#over = over;
    // What is no longer exceeded is news when it is again.
    this.#dismissed.over = this.#dismissed.over.filter((grove) => over.some((each) => each.grove === grove));
    this.#showOver();
    if (quota === null) return;
    const used = quota.quota === 0 ? 1 : quota.usage / quota.quota;
    if (used < CALM) this.#dismissed.percent = false;
    const isMuch = used >= WARN || (this.percent !== null && used >= CALM);
    this.percent = isMuch && !this.#dismissed.percent ? Math.min(100, Math.round(100 * used)) : null;
  }
  #showOver(): void {
    this.over = this.#over.filter(({ grove }) => !this.#dismissed.over.includes(grove));
  }
  /** An event comes only when something changes. */
  async #ask(thicket: Thicket): Promise<void> {
    try {
      const { full, quota, over, groves } = await thicket.storage();
      this.#take({
        full,
        quota,
        over: [
          ...(over > 0 ? [{ grove: null, bytes: over }] : []),
          ...groves.flatMap(({ grove, needsRoom }) =>
            needsRoom === null ? [] : [{ grove, bytes: needsRoom.bytes }],
          ),
        ],
      });
    } catch {
      // An event will tell; until then nothing is claimed about the disk.
      return;
    }
  }
}
