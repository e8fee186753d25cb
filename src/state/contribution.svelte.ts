// One contribution, its files' progress, and the calls that act on it.
import type { Contribution, Outcome, Thread, Transfer } from '../../worker/rpc/api.ts';
import { followGrove } from './follow.ts';
import type { Earlier } from './earlier.ts';
import { toProblem, type Problem } from './problem.ts';
import { Query } from './query.svelte.ts';
import type { TakeOut } from './take-out.svelte.ts';
import type { Thicket } from './thicket.ts';

/** Answers that are shown with it. */
const THREAD = 200;

export class ContributionState {
  /** What is on its way, by the hash as files name it: with `blake3:`. */
  transfers: Readonly<Record<string, Transfer>> = $state.raw({});
  fetching = $state(false);
  /** An act about it is being written. */
  acting = $state(false);
  failure: Problem | null = $state.raw(null);
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #cid: string;
  readonly #query: Query<Contribution>;
  readonly #pins: Query<string[]>;
  readonly #thread: Query<Thread>;
  readonly #stop: (() => void)[];

  readonly takeOut: TakeOut;

  constructor(thicket: Thicket, grove: string, cid: string, takeOut: TakeOut) {
    this.takeOut = takeOut;
    this.#thicket = thicket;
    this.#grove = grove;
    this.#cid = cid;
    this.#query = new Query(() => thicket.contribution(grove, cid));
    this.#pins = new Query(() => thicket.pins(grove));
    this.#thread = new Query(() => thicket.thread(grove, cid, { limit: THREAD }));
    this.#stop = [
      followGrove(thicket, grove, () => {
        this.#query.refresh();
        this.#thread.refresh();
      }),
      thicket.on('peers', () => this.#query.refresh()),
      thicket.on('transfer', (transfer) => {
        if (transfer.grove !== grove || !transfer.cids.includes(cid)) return;
        this.transfers = { ...this.transfers, [`blake3:${transfer.hash}`]: transfer };
        if (transfer.state === 'complete' || transfer.state === 'failed') this.#query.refresh();
      }),
    ];
  }

  get value(): Contribution | null {
    return this.#query.value;
  }
  get problem() {
    return this.#query.problem;
  }
  get thread(): Thread | null {
    return this.#thread.value;
  }
  get pinned(): boolean {
    return this.#pins.value?.includes(this.#cid) === true;
  }
  refresh(): void {
    this.#query.refresh();
  }
  async pin(on: boolean): Promise<void> {
    this.failure = null;
    try {
      await (on ? this.#thicket.pin(this.#grove, this.#cid) : this.#thicket.unpin(this.#grove, this.#cid));
    } catch (error) {
      this.failure = toProblem(error);
    }
    this.#pins.refresh();
  }
  /** Asks those who hold it for what is missing here. */
  async fetch(): Promise<void> {
    this.fetching = true;
    this.failure = null;
    try {
      await this.#thicket.fetch(this.#grove, this.#cid, { artifacts: true });
    } catch (error) {
      this.failure = toProblem(error);
    }
    this.fetching = false;
    this.#query.refresh();
  }
  retract(): Promise<boolean> {
    return this.#act(() => this.#thicket.retract(this.#grove, this.#cid));
  }
  vote(vote: 'up' | 'down' | 'none'): Promise<boolean> {
    return this.#act(() => this.#thicket.vote(this.#grove, this.#cid, vote));
  }
  judge(outcome: Outcome, reason: string): Promise<boolean> {
    return this.#act(() => this.#thicket.outcome(this.#grove, this.#cid, outcome, reason));
  }
  report(reason: string): Promise<boolean> {
    return this.#act(() => this.#thicket.report(this.#grove, this.#cid, reason));
  }
  hide(reason: string): Promise<boolean> {
    return this.#act(() => this.#thicket.hide(this.#grove, this.#cid, reason === '' ? {} : { reason }));
  }
  unhide(): Promise<boolean> {
    return this.#act(() => this.#thicket.unhide(this.#grove, this.#cid));
  }
  async #act(write: () => Promise<unknown>): Promise<boolean> {
    this.failure = null;
    this.acting = true;
    try {
      await write();
      return true;
    } catch (error) {
      this.failure = toProblem(error);
      return false;
    } finally {
      this.acting = false;
      this.#query.refresh();
    }
  }
  artifact(name: string, range?: { start: number; end: number }): Promise<Blob> {
    return this.#thicket.artifact(this.#grove, this.#cid, name, range);
  }
  /** Files of that name in what this derives from. */
  async earlier(name: string): Promise<Earlier[]> {
    const item = this.value;
    if (item === null) return [];
    const { earlierFiles } = await import('./earlier.ts');
    return earlierFiles(this.#thicket, this.#grove, item, name);
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.takeOut.stop();
    this.#query.close();
    this.#pins.close();
    this.#thread.close();
  }
}
