// What of a grove's activity has not been looked at on this device: told by a place in it that is remembered here.
import type { Activity, ActivityItem } from '../../worker/rpc/api.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

/** What is counted at most; more is told as that many and a plus. */
export const COUNTED = 50;
/** ms. While a grove catches up it changes all the time. */
const SETTLE_MS = 1000;

/** Up to where it was looked at. What was written before `since` was there before this device looked for the first time. */
export interface Mark {
  place: number;
  since: number;
}
export type Memory = Pick<Storage, 'getItem' | 'setItem'>;

export interface UnreadOptions {
  thicket: Thicket;
  grove: string;
  /** This device's key. */
  self: () => string;
  /** Whether a key is of this person. */
  isOwn: (peer: string) => boolean;
  memory: Memory;
  now: () => number;
}

export class Unread {
  #mark: Mark | null = $state.raw(null);
  readonly #options: UnreadOptions;
  readonly #query: Query<Activity>;
  readonly #stop: (() => void)[];
  #due: ReturnType<typeof setTimeout> | null = null;

  constructor(options: UnreadOptions) {
    const { thicket, grove } = options;
    this.#options = options;
    this.#query = new Query(async () => {
      const activity = await thicket.activity(grove, { limit: COUNTED });
      this.#mark ??= this.#remembered(activity.end);
      return activity;
    });
    this.#stop = [
      thicket.on('changed', (event) => {
        if (event.grove !== grove) return;
        this.#due ??= setTimeout(() => {
          this.#due = null;
          this.#query.refresh();
        }, SETTLE_MS);
      }),
      thicket.on('restarted', () => this.#query.refresh()),
    ];
  }

  /** Of the newest, how many others wrote since. */
  get count(): number {
    return this.#query.value?.items.filter((item) => this.isNew(item)).length ?? 0;
  }
  /** There may be more than are counted. */
  get more(): boolean {
    const { value } = this.#query;
    return value?.cursor !== undefined && this.#mark !== null && value.cursor > this.#mark.place;
  }
  get mark(): Mark | null {
    return this.#mark;
  }
  isNew(item: ActivityItem, mark = this.#mark): boolean {
    if (mark === null || this.#options.isOwn(item.author)) return false;
    return item.place >= mark.place && item.at >= mark.since;
  }
  /** All before this place was looked at. */
  seen(end: number): void {
    if (this.#mark === null || end <= this.#mark.place) return;
    this.#mark = { ...this.#mark, place: end };
    this.#remember(this.#mark);
  }
  close(): void {
    for (const stop of this.#stop) stop();
    if (this.#due !== null) clearTimeout(this.#due);
    this.#query.close();
  }

  get #key(): string {
    return `thicket/seen/${this.#options.self().slice(0, 16)}/${this.#options.grove}`;
  }
  #remember(mark: Mark): void {
    this.#options.memory.setItem(this.#key, JSON.stringify(mark));
  }
  /** At the first look all there is counts as seen, as it does of a grove that was erased and joined again. */
  #remembered(end: number): Mark {
    const kept = parseMark(this.#options.memory.getItem(this.#key));
    if (kept !== null && kept.place <= end) return kept;
    const mark = { place: end, since: this.#options.now() };
    this.#remember(mark);
    return mark;
  }
}

function parseMark(text: string | null): Mark | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('place' in value) || !('since' in value))
      return null;
    const { place, since } = value;
    return typeof place === 'number' && typeof since === 'number' ? { place, since } : null;
  } catch {
    return null;
  }
}
