// The transfers of this device as the tray shows them, and what can be done to each. Bursts are shown at once.
import { toProblem, type Problem } from './problem.ts';
import type { Thicket } from './thicket.ts';
import { TransferList, type Row, type Totals } from './transfer-list.ts';

/** Open ones that are listed; the rest are counted. */
const LISTED = 50;
/** ms. Ten thousand small files are ten thousand events. */
const SHOW_MS = 100;
/** ms. A rate sinks without an event where nothing comes any more. */
const POLL_MS = 2000;

export class TransfersState {
  rows: Row[] = $state.raw([]);
  totals: Totals = $state.raw(new TransferList().totals());
  /** By hash: why what was asked of it was not done. */
  problems: Readonly<Record<string, Problem>> = $state.raw({});
  readonly #thicket: Thicket;
  readonly #list = new TransferList();
  readonly #stop: (() => void)[];
  #due: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(thicket: Thicket) {
    this.#thicket = thicket;
    const poll = setInterval(() => {
      if (this.totals.open > 0) void this.#read();
    }, POLL_MS);
    this.#stop = [
      () => clearInterval(poll),
      thicket.on('transfer', (transfer) => {
        this.#list.take(transfer);
        this.#soon();
      }),
      thicket.on('restarted', () => void this.#read()),
    ];
    void this.#read();
  }

  /** Open ones that are not in `rows`. */
  get more(): number {
    return Math.max(0, this.totals.open - LISTED);
  }
  /** 0 to 100, of all bytes of what is under way together. */
  get percent(): number {
    const { received, size } = this.totals;
    return size === 0 ? 0 : Math.floor((100 * received) / size);
  }

  pause(hash: string): Promise<void> {
    return this.#act(hash, () => this.#thicket.pauseTransfer(hash));
  }
  resume(hash: string): Promise<void> {
    return this.#act(hash, () => this.#thicket.resumeTransfer(hash));
  }
  cancel(hash: string): Promise<void> {
    return this.#act(hash, () => this.#thicket.cancelTransfer(hash));
  }
  /** Asks for the contribution that names it: only that has fetched what was stopped or failed. */
  retry({ grove, hash, cid }: Row): Promise<void> {
    return this.#act(hash, async () => {
      if (cid !== null) await this.#thicket.fetch(grove, cid, { artifacts: true });
    });
  }
  dismiss(hash: string): void {
    this.#list.dismiss(hash);
    this.#forgive(hash);
    this.#show();
  }
  dismissEnded(): void {
    this.#list.dismissEnded();
    this.problems = {};
    this.#show();
  }
  close(): void {
    this.#closed = true;
    if (this.#due !== null) clearTimeout(this.#due);
    for (const stop of this.#stop) stop();
  }

  async #act(hash: string, ask: () => Promise<unknown>): Promise<void> {
    this.#forgive(hash);
    try {
      await ask();
    } catch (error) {
      const problem = toProblem(error);
      // What takes longer than a call may goes on by itself, and shows.
      if (problem.code === 'timeout') return;
      this.problems = { ...this.problems, [hash]: problem };
    }
  }
  #forgive(hash: string): void {
    this.problems = Object.fromEntries(Object.entries(this.problems).filter(([key]) => key !== hash));
  }

  async #read(): Promise<void> {
    try {
      const { transfers } = await this.#thicket.stats();
      this.#list.reset(transfers);
    } catch {
      // A peer that doesn't answer is told of elsewhere; what was known stays.
      return;
    }
    this.#show();
  }
  #soon(): void {
    this.#due ??= setTimeout(() => this.#show(), SHOW_MS);
  }
  #show(): void {
    if (this.#due !== null) clearTimeout(this.#due);
    this.#due = null;
    if (this.#closed) return;
    this.rows = this.#list.rows(LISTED);
    this.totals = this.#list.totals();
  }
}
