// What is stored on this device, kept fresh, and the calls that change it.
import type { Events, Evicted, GrovePolicy, StorageInfo, StoredArtifact } from '../../worker/rpc/api.ts';
import { toProblem, type Problem } from './problem.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

/** What of an event says that the rest is worth asking for: the answer itself brings an event with a new estimate. */
const markOf = ({ bytes, full, over }: Events['storage']): string => JSON.stringify([bytes, full, over]);

/** Calls back when what is stored changed. Returns how to stop. */
export function onStored(thicket: Thicket, changed: () => void): () => void {
  let mark: string | null = null;
  const stop = [
    thicket.on('storage', (told) => {
      const next = markOf(told);
      if (next !== mark) changed();
      mark = next;
    }),
    thicket.on('restarted', changed),
  ];
  return () => stop.forEach((each) => each());
}

export class StorageState {
  problem: Problem | null = $state.raw(null);
  readonly #thicket: Thicket;
  readonly #query: Query<StorageInfo>;
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket) {
    this.#thicket = thicket;
    this.#query = new Query(() => thicket.storage());
    const refresh = (): void => this.#query.refresh();
    this.#stop = [onStored(thicket, refresh), thicket.on('groves', refresh)];
  }

  get value(): StorageInfo | null {
    return this.#query.value;
  }
  get failure(): Problem | null {
    return this.#query.problem;
  }
  refresh(): void {
    this.#query.refresh();
  }
  setBudget(budget: number | null): Promise<void> {
    return this.#do(() => this.#thicket.settings({ budget }));
  }
  setGroveBudget(grove: string, budget: GrovePolicy['budget']): Promise<void> {
    return this.#do(() => this.#thicket.policy(grove, { budget }));
  }
  discardLeft(): Promise<void> {
    return this.#do(() => this.#thicket.discardLeft());
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.#query.close();
  }

  async #do(act: () => Promise<unknown>): Promise<void> {
    this.problem = null;
    try {
      await act();
    } catch (error) {
      this.problem = toProblem(error);
    }
    this.#query.refresh();
  }
}

/** Artifacts looked at in one go. */
const LISTED = 200;
/** ms. What was in use is not any more without an event. */
const POLL_MS = 15_000;

/** What is stored of one grove, and what a person has chosen to go. */
export class StoredState {
  chosen: readonly string[] = $state.raw([]);
  removing = $state(false);
  /** What became of the last removal. */
  result: Evicted | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #query: Query<StoredArtifact[]>;
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#query = new Query(() => thicket.stored(grove, { limit: LISTED }));
    const refresh = (): void => this.#query.refresh();
    const poll = setInterval(refresh, POLL_MS);
    const stop = onStored(thicket, refresh);
    this.#stop = () => {
      clearInterval(poll);
      stop();
    };
  }

  get items(): StoredArtifact[] | null {
    return this.#query.value;
  }
  get failure(): Problem | null {
    return this.#query.problem ?? this.problem;
  }
  /** Those chosen that are still here and may go. */
  get going(): StoredArtifact[] {
    return (this.items ?? []).filter((item) => mayGo(item) && this.chosen.includes(item.hash));
  }
  choose(hash: string, on: boolean): void {
    const others = this.chosen.filter((each) => each !== hash);
    this.chosen = on ? [...others, hash] : others;
    this.result = null;
  }
  async remove(): Promise<void> {
    const hashes = this.going.map(({ hash }) => hash);
    if (hashes.length === 0) return;
    this.removing = true;
    this.problem = null;
    this.result = null;
    try {
      this.result = await this.#thicket.evict(this.#grove, hashes);
      this.chosen = [];
    } catch (error) {
      this.problem = toProblem(error);
    }
    this.removing = false;
    this.#query.refresh();
  }
  refresh(): void {
    this.#query.refresh();
  }
  close(): void {
    this.#stop();
    this.#query.close();
  }
}

/** What is pinned, in use or a contribution's own text stays. */
export const mayGo = ({ standing }: Pick<StoredArtifact, 'standing'>): boolean =>
  standing === 'evictable' || standing === 'only-here';
