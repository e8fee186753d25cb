// Whom one blob is asked of: what each owes, who must be left alone for a while, and who sent what it shouldn't have.
// Knows neither frames nor what is in the blob.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { Hash, LinkId } from '../model/ids.ts';
import type { Pace } from './pace.ts';

export interface Source {
  /** Lists and blocks that were asked of it, the first asked first: their sizes, and when that was. */
  owes: Map<Hash, { size: number; at: number }>;
  /** When it last sent something we asked for, or was first asked. */
  heardAt: number;
}

interface Quiet {
  until: number;
  wait: number;
}

export class Sources {
  readonly #context: Context;
  readonly #pace: Pace;
  readonly #sources = new Map<LinkId, Source>();
  /** One link each, towards the end two. */
  readonly #owners = new Map<Hash, LinkId[]>();
  /** Sent bytes that don't match: asked no more for this blob (SPEC C4). */
  readonly #bad = new Set<LinkId>();
  /** Lacked something, or owed it for too long: by root and link, since it may hold another list of the same blob. */
  readonly #quiet = new Map<Hash, Map<LinkId, Quiet>>();

  constructor(context: Context, pace: Pace) {
    this.#context = context;
    this.#pace = pace;
  }

  /** Lists and blocks that somebody owes. */
  get owed(): number {
    return this.#owners.size;
  }

  owedBy(link: LinkId): number {
    return this.#sources.get(link)?.owes.size ?? 0;
  }

  isOwed(hash: Hash): boolean {
    return this.#owners.has(hash);
  }

  owners(hash: Hash): readonly LinkId[] {
    return this.#owners.get(hash) ?? [];
  }

  /** Whether it was asked for this blob before, and never sent what it shouldn't have. */
  isTrusted(link: LinkId): boolean {
    return this.#sources.has(link) && !this.#bad.has(link);
  }

  ask(link: LinkId, hash: Hash, size: number): void {
    const at = this.#context.elapsed();
    const from = this.#sources.get(link) ?? {
      owes: new Map<Hash, { size: number; at: number }>(),
      heardAt: at,
    };
    if (from.owes.size === 0) from.heardAt = at;
    from.owes.set(hash, { size, at });
    this.#sources.set(link, from);
    this.#owners.set(hash, [...this.owners(hash), link]);
    this.#pace.ask(link, size);
  }

  /**
   * It came by this link, asked for or late, and counts in its window with the size given back until that is released.
   * Others who owed it as well do so no more.
   */
  came(link: LinkId, hash: Hash, bytes: number): { size: number; others: LinkId[] } {
    const others = this.owners(hash).filter((owner) => owner !== link);
    for (const other of others) this.release(other, [hash]);
    const from = this.#sources.get(link);
    const asked = from?.owes.get(hash);
    const now = this.#context.elapsed();
    if (asked === undefined) this.#pace.ask(link, bytes);
    const size = asked?.size ?? bytes;
    this.#pace.came(link, size, asked === undefined ? null : now - asked.at);
    from?.owes.delete(hash);
    this.#owners.delete(hash);
    if (from !== undefined) from.heardAt = now;
    this.forgive(link);
    return { size, others };
  }

  /** Those of these that it owed, which it owes no more. */
  release(link: LinkId, hashes: Iterable<Hash>): Hash[] {
    const from = this.#sources.get(link);
    const released: Hash[] = [];
    for (const hash of hashes) {
      const asked = from?.owes.get(hash);
      if (asked === undefined) continue;
      from?.owes.delete(hash);
      this.#pace.drop(link, asked.size);
      const others = this.owners(hash).filter((owner) => owner !== link);
      if (others.length > 0) this.#owners.set(hash, others);
      else this.#owners.delete(hash);
      released.push(hash);
    }
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

  /** Whether it is left alone for now, by whatever root. */
  isHushed(link: LinkId): boolean {
    const now = this.#context.elapsed();
    return [...this.#quiet.values()].some((links) => (links.get(link)?.until ?? 0) > now);
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

  /** Those that have owed something for too long without sending anything. */
  late(): LinkId[] {
    const from = this.#context.elapsed() - CONFIG.cas.requestTimeout;
    return this.owing().flatMap(([link, { heardAt }]) => (heardAt <= from ? [link] : []));
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
