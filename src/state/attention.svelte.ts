// What concerns this person in particular: answers, questions, what others derive from own work, and what it may answer
// as a member: who asks to be let in, what was reported. While nobody looks at the
// page the browser is asked to tell; whether it may is asked when there is first something to be told.
import type { Contribution } from '../../worker/rpc/api.ts';
import type { Thicket } from './thicket.ts';

export interface News {
  type: 'answer' | 'question' | 'derived' | 'asks' | 'reported';
  grove: string;
  /** Empty where it is about members. */
  cid: string;
  by: string;
  summary: string;
}
/** What the browser has for it. */
export interface Teller {
  /** `none`: it has nothing of that kind. */
  permission(): 'granted' | 'denied' | 'default' | 'none';
  ask(): Promise<boolean>;
  tell(news: News): void;
  /** One more on the app's icon, until it is looked at. */
  badge(): void;
  /** Whether this page or another of the app is in view. */
  isLookedAt(): Promise<boolean>;
}
export interface AttentionOptions {
  thicket: Thicket;
  teller: Teller;
  isOwn: (peer: string) => boolean;
  memory: Pick<Storage, 'getItem' | 'setItem'>;
  now: () => number;
}

const KEY = 'thicket/notify';
const ANSWERED = 'answered';
/** ms. What is older, by its author's clock, is history that arrives late. */
const RECENT = 24 * 3_600_000;
/** Contributions looked at together: a catch-up brings thousands. */
const MOST_AT_ONCE = 16;

export class Attention {
  /** The question whether to be told is on the page. */
  offered = $state(false);
  #looking = 0;
  readonly #options: AttentionOptions;
  readonly #stop: (() => void)[];

  constructor(options: AttentionOptions) {
    const { thicket } = options;
    this.#options = options;
    this.#stop = [
      thicket.on('answered', ({ grove, response }) => void this.#came('answer', grove, response)),
      thicket.on('asked', ({ grove, cid }) => void this.#came('question', grove, cid)),
      thicket.on('join-request', ({ grove, name }) => {
        void this.#tell({ type: 'asks', grove, cid: '', by: name, summary: '' });
      }),
      thicket.on('reported', ({ grove, by }) => void this.#reported(grove, by)),
      thicket.on('entry', ({ grove, kind, cid, local }) => {
        if (!local && kind === 'contribution' && cid !== undefined) void this.#came('derived', grove, cid);
      }),
    ];
  }

  async accept(): Promise<void> {
    this.decline();
    await this.#options.teller.ask();
  }
  decline(): void {
    this.#options.memory.setItem(KEY, ANSWERED);
    this.offered = false;
  }
  close(): void {
    for (const stop of this.#stop) stop();
  }

  async #reported(grove: string, by: string): Promise<void> {
    try {
      const members = await this.#options.thicket.members(grove);
      const name = members.find(({ peerId }) => peerId === by)?.name ?? '';
      await this.#tell({ type: 'reported', grove, cid: '', by: name, summary: '' });
    } catch {
      // The grove was left meanwhile.
      return;
    }
  }
  async #came(type: News['type'], grove: string, cid: string): Promise<void> {
    if (this.#looking >= MOST_AT_ONCE) return;
    this.#looking += 1;
    try {
      const item = await this.#options.thicket.contribution(grove, cid);
      if (!this.#isRecent(item)) return;
      if (type === 'derived' && !(await this.#isFromOwn(grove, item))) return;
      await this.#tell({ type, grove, cid, by: item.authorName, summary: item.summary });
    } catch {
      // Withdrawn meanwhile, or its grove was left.
      return;
    } finally {
      this.#looking -= 1;
    }
  }
  #isRecent({ createdAt, body }: Contribution): boolean {
    return body && Date.parse(createdAt) > this.#options.now() - RECENT;
  }
  async #isFromOwn(grove: string, { outgoing }: Contribution): Promise<boolean> {
    const parents = outgoing.filter(({ relationType }) => relationType === 'derives_from').slice(0, 8);
    for (const { cid, summary } of parents) {
      if (summary === undefined) continue;
      const { publishers } = await this.#options.thicket.contribution(grove, cid);
      if (publishers.some(this.#options.isOwn)) return true;
    }
    return false;
  }
  async #tell(news: News): Promise<void> {
    const { teller, memory } = this.#options;
    const permission = teller.permission();
    if (permission === 'default' && memory.getItem(KEY) !== ANSWERED) this.offered = true;
    if (await teller.isLookedAt()) return;
    teller.badge();
    if (permission === 'granted') teller.tell(news);
  }
}
