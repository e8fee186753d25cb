// How much each link may owe, over all transfers: a window of what it was measured to bring (SPEC C10). What came counts
// until it is stored, so that neither memory nor what a crash costs grows beyond it. Knows neither blobs nor frames.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { LinkId } from '../model/ids.ts';

interface Paced {
  /** Asked, or here and not stored yet. */
  count: number;
  bytes: number;
  /** Of these, how many are still to come. */
  owed: number;
  /** Since when something has been owed without a break. */
  since: number;
  /** Of the measurement at hand: ms before `since` in which something was owed, and what came. */
  busy: number;
  came: number;
  /** Since when something was owed and nothing came, also where it was let off since. */
  silent: number | null;
  /** Bytes per ms, null until measured. */
  rate: number | null;
  /** Shortest time from asking to having, in ms. */
  least: number | null;
}

const { window } = CONFIG.cas;

export class Pace {
  readonly #context: Context;
  readonly #links = new Map<LinkId, Paced>();
  #bytes = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** So many more, and so many bytes, it may be asked for. Little is nothing, so that not each block is asked for alone. */
  room(link: LinkId): { count: number; bytes: number } {
    const paced = this.#links.get(link);
    const owes = { count: paced?.count ?? 0, bytes: paced?.bytes ?? 0 };
    const inAll = window.all - this.#bytes;
    const most = this.#window(paced);
    // One block always, whatever its size, so that a slow link goes on.
    if (owes.count === 0)
      return { count: window.count, bytes: Math.min(Math.max(most, window.block), inAll) };
    const count = window.count - owes.count;
    const bytes = Math.min(most - owes.bytes, inAll);
    const isLittle = count < window.count / 4 || bytes < most / 4;
    return isLittle ? { count: 0, bytes: 0 } : { count, bytes };
  }

  hasRoom(link: LinkId): boolean {
    const { count, bytes } = this.room(link);
    return count > 0 && bytes > 0;
  }

  ask(link: LinkId, size: number): void {
    const paced = this.#links.get(link) ?? begin();
    this.#links.set(link, paced);
    if (paced.owed === 0) paced.since = paced.silent = this.#context.elapsed();
    paced.owed += 1;
    paced.count += 1;
    paced.bytes += size;
    this.#bytes += size;
  }

  /** It came, `waited` ms after it was asked for if it was. It counts until it is released. */
  came(link: LinkId, size: number, waited: number | null): void {
    const paced = this.#links.get(link);
    if (paced === undefined) return;
    const now = this.#context.elapsed();
    const time = paced.busy + now - paced.since;
    paced.came += size;
    if (waited !== null) paced.least = Math.min(paced.least ?? waited, waited);
    this.#owesLess(paced);
    paced.silent = paced.owed > 0 ? now : null;
    if (time < window.measure) return;
    const rate = paced.came / time;
    // Half of what was known stays, so that one hiccup says little.
    paced.rate = paced.rate === null ? rate : (paced.rate + rate) / 2;
    [paced.since, paced.busy, paced.came] = [now, 0, 0];
  }

  /** It is stored, or of no use. */
  release(link: LinkId, size: number): void {
    const paced = this.#links.get(link);
    if (paced === undefined) return;
    paced.count -= 1;
    paced.bytes -= size;
    this.#bytes -= size;
  }

  /** It was asked for and won't come. */
  drop(link: LinkId, size: number): void {
    const paced = this.#links.get(link);
    if (paced === undefined) return;
    this.#owesLess(paced);
    this.release(link, size);
  }

  /** In how many ms it brings so many bytes; null where nothing was measured. */
  timeFor(link: LinkId, bytes: number): number | null {
    const { rate = null, least = null } = this.#links.get(link) ?? {};
    return rate === null || rate === 0 ? null : bytes / rate + (least ?? 0);
  }

  /** ms in which nothing came that was asked for. */
  silence(link: LinkId): number {
    const silent = this.#links.get(link)?.silent ?? null;
    return silent === null ? 0 : this.#context.elapsed() - silent;
  }

  /** What it owes and what it brought that isn't stored. */
  bytes(link: LinkId): number {
    return this.#links.get(link)?.bytes ?? 0;
  }

  gone(link: LinkId): void {
    this.#bytes -= this.bytes(link);
    this.#links.delete(link);
  }

  #owesLess(paced: Paced): void {
    paced.owed -= 1;
    if (paced.owed > 0) return;
    const now = this.#context.elapsed();
    paced.busy += now - paced.since;
    paced.since = now;
  }

  #window(paced: Paced | undefined): number {
    if (paced?.rate == null) return window.first;
    const least = paced.least ?? 0;
    const most = paced.rate * (least + Math.max(window.slack, least));
    return Math.min(window.most, Math.max(window.least, most));
  }
}

const begin = (): Paced => ({
  ...{ count: 0, bytes: 0, owed: 0, since: 0, busy: 0, came: 0 },
  ...{ silent: null, rate: null, least: null },
});
