// What is on its way and what has ended lately, counted and in order. Pure; knows neither the peer nor the page.
import type { Transfer } from '../../worker/rpc/api.ts';

export type Row = Omit<Transfer, 'cids'> & {
  /** A contribution that names it, or null where none is known. */
  cid: string | null;
};

export interface Totals {
  /** Under way: waiting, paused and stalled included. */
  open: number;
  /** Of those, the ones that move or are about to. */
  moving: number;
  stalled: number;
  failed: number;
  complete: number;
  /** Bytes of this batch: of all that are open, and of what was completed since none was. */
  received: number;
  size: number;
}

/** Ended ones are kept so that a person sees what became of them; older ones give way. */
const ENDED = 50;
/** Ended by hand: nothing went wrong. */
export const CANCELLED = 'cancelled';

export const isOver = ({ state }: Pick<Row, 'state'>): boolean => state === 'complete' || state === 'failed';
const isWrong = ({ state, reason }: Row): boolean => state === 'failed' && reason !== CANCELLED;

const rowOf = ({ cids, ...rest }: Transfer, before: Row | undefined): Row => ({
  ...rest,
  cid: cids[0] ?? before?.cid ?? null,
});

export class TransferList {
  /** In the order in which they were first heard of. */
  readonly #open = new Map<string, Row>();
  /** In the order in which they ended. */
  readonly #ended = new Map<string, Row>();
  /** Bytes of what was completed since nothing was under way. */
  #done = 0;

  take(transfer: Transfer): void {
    const row = rowOf(transfer, this.#open.get(transfer.hash) ?? this.#ended.get(transfer.hash));
    if (this.#open.size === 0 && !isOver(row)) this.#done = 0;
    this.#ended.delete(row.hash);
    if (!isOver(row)) {
      this.#open.set(row.hash, row);
      return;
    }
    this.#open.delete(row.hash);
    if (row.state === 'complete') this.#done += row.size;
    this.#ended.set(row.hash, row);
    this.#trim();
  }

  /** All that is under way now: what isn't among it ended unheard. */
  reset(transfers: readonly Transfer[]): void {
    const current = new Set(transfers.map(({ hash }) => hash));
    for (const hash of [...this.#open.keys()]) if (!current.has(hash)) this.#open.delete(hash);
    for (const transfer of transfers) this.take(transfer);
  }

  /** Takes one that ended off the list. */
  dismiss(hash: string): void {
    this.#ended.delete(hash);
  }
  dismissEnded(): void {
    this.#ended.clear();
  }

  /** The open ones as they came, then what ended, the newest first. */
  rows(limit: number): Row[] {
    const open: Row[] = [];
    for (const row of this.#open.values()) {
      if (open.length >= limit) break;
      open.push(row);
    }
    return [...open, ...[...this.#ended.values()].reverse()];
  }

  totals(): Totals {
    const totals: Totals = {
      open: this.#open.size,
      moving: 0,
      stalled: 0,
      failed: 0,
      complete: 0,
      received: this.#done,
      size: this.#done,
    };
    for (const { state, received, size } of this.#open.values()) {
      if (state === 'stalled') totals.stalled += 1;
      else if (state !== 'paused') totals.moving += 1;
      totals.received += received;
      totals.size += size;
    }
    for (const row of this.#ended.values()) {
      if (row.state === 'complete') totals.complete += 1;
      else if (isWrong(row)) totals.failed += 1;
    }
    return totals;
  }

  /** What went well goes first: a failure should be seen. */
  #trim(): void {
    if (this.#ended.size <= ENDED) return;
    const oldest =
      [...this.#ended.values()].find(({ state }) => state === 'complete') ?? [...this.#ended.values()][0];
    if (oldest !== undefined) this.#ended.delete(oldest.hash);
  }
}
