// Whom one blob is asked of: what each owes, who must be left alone for a while, and who sent what it shouldn't have.
// Knows neither frames nor what is in the blob.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { Hash, LinkId } from '../model/ids.ts';

export interface Source {
  /** Lists and blocks that were asked of it, with their sizes. */
  owes: Map<Hash, number>;
  /** When it last sent something we asked for, or was first asked. */
  heardAt: number;
}

interface Quiet {
  until: number;
  wait: number;
}

export class Sources {
  readonly #context: Context;
  readonly #sources = new Map<LinkId, Source>();
  readonly #owner = new Map<Hash, LinkId>();
  /** Sent bytes that don't match: asked no more for this blob (SPEC C4). */
  readonly #bad = new Set<LinkId>();
  /** Lacked something, or owed it for too long: by root and link, since it may hold another list of the same blob. */
  readonly #quiet = new Map<Hash, Map<LinkId, Quiet>>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Lists and blocks that somebody owes. */
  get owed(): number {
    return this.#owner.size;
  }

  isOwed(hash: Hash): boolean {
    return this.#owner.has(hash);
  }

  /** Whether it was asked for this blob before, and never sent what it shouldn't have. */
  isTrusted(link: LinkId): boolean {
    return this.#sources.has(link) && !this.#bad.has(link);
  }

  /** So many more, and so many bytes, it may owe. */
  room(link: LinkId): { count: number; bytes: number } {
    const owes = this.#sources.get(link)?.owes ?? new Map<Hash, number>();
    const bytes = [...owes.values()].reduce((sum, size) => sum + size, 0);
    return { count: CONFIG.cas.window - owes.size, bytes: CONFIG.cas.windowBytes - bytes };
  }

  ask(link: LinkId, hash: Hash, size: number): void {
    const from = this.#sources.get(link) ?? { owes: new Map<Hash, number>(), heardAt: 0 };
    if (from.owes.size === 0) from.heardAt = this.#context.elapsed();
    from.owes.set(hash, size);
    this.#sources.set(link, from);
    this.#owner.set(hash, link);
  }

  /** It came by this link. Gives the other link that owed it, if one did. */
  came(link: LinkId, hash: Hash): LinkId | null {
    const owner = this.#owner.get(hash) ?? null;
    this.#owner.delete(hash);
    if (owner !== null) this.#sources.get(owner)?.owes.delete(hash);
    const from = this.#sources.get(link);
    if (from !== undefined) from.heardAt = this.#context.elapsed();
    this.forgive(link);
    return owner === link ? null : owner;
  }

  /** Those of these that it owed, which it owes no more. */
  release(link: LinkId, hashes: Iterable<Hash>): Hash[] {
    const from = this.#sources.get(link);
    const released = [...hashes].filter((hash) => from?.owes.delete(hash) === true);
    for (const hash of released) this.#owner.delete(hash);
    return released;
  }

  releaseAll(link: LinkId): Hash[] {
    return this.release(link, [...(this.#sources.get(link)?.owes.keys() ?? [])]);
  }

  owing(): [LinkId, Source][] {
    return [...this.#sources].filter(([, { owes }]) => owes.size > 0);
  }

  isUsable(link: LinkId, root: Hash): boolean {
    const until = this.#quiet.get(root)?.get(link)?.until ?? 0;
    return !this.#bad.has(link) && until <= this.#context.elapsed();
  }

  markBad(link: LinkId): void {
    this.#bad.add(link);
  }

  /** Not asked again for a while, which doubles each time. */
  hush(link: LinkId, root: Hash): void {
    const { first, most } = CONFIG.cas.retry;
    const now = this.#context.elapsed();
    const links = this.#quiet.get(root) ?? new Map<LinkId, Quiet>();
    const before = links.get(link);
    if (before !== undefined && before.until > now) return;
    const wait = before === undefined ? first : Math.min(2 * before.wait, most);
    links.set(link, { until: now + wait, wait });
    this.#quiet.set(root, links);
  }

  /** It sent something, or says that it holds more now. What it sent wrongly before stays against it. */
  forgive(link: LinkId): void {
    for (const links of this.#quiet.values()) links.delete(link);
  }

  /** Gives what it owed. */
  gone(link: LinkId): Hash[] {
    const owed = this.releaseAll(link);
    this.#sources.delete(link);
    this.#bad.delete(link);
    this.forgive(link);
    return owed;
  }

  /** When somebody has owed for too long, or, as far as `waiting`, may be asked again. */
  nextWake(waiting: boolean): number | null {
    const now = this.#context.elapsed();
    const times = this.owing().map(([, { heardAt }]) => heardAt + CONFIG.cas.requestTimeout);
    for (const links of waiting ? this.#quiet.values() : []) {
      for (const [link, { until }] of links) if (until > now && !this.#bad.has(link)) times.push(until);
    }
    return times.length === 0 ? null : Math.min(...times);
  }
}
