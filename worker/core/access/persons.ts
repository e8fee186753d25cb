// Which devices are one person's, in what order, and from where on one of them counts no more (SPEC A20-A22): from vouches
// and revocations that count, in any order the same. Knows neither signatures nor who let whom in.
import { compareEntries } from '../model/entry.ts';
import type { PeerId } from '../model/ids.ts';
import { NEVER, type RevokeBody, type VouchBody } from '../model/vouch.ts';
import type { PowerSource } from './authority.ts';

export interface VouchAct {
  source: PowerSource;
  body: VouchBody;
}
export interface RevokeAct {
  source: PowerSource;
  body: RevokeBody;
}

export interface End {
  /** The last entry that counts. */
  seq: number;
  /** The act that says so. */
  source: PowerSource;
}

/** Devices of one person: beyond them a vouch counts for nothing. A person has a handful; a swarm is no person. */
export const MAX_DEVICES = 16;

const byPlace = (a: { source: PowerSource }, b: { source: PowerSource }): number =>
  compareEntries(a.source, b.source);

export class Persons {
  /** By device: all of the person, the senior first. The same list for each of them. */
  readonly #lists = new Map<PeerId, PeerId[]>();
  #ended: ReadonlyMap<PeerId, End> = new Map();

  /** Told by (lamport, id). False where it would make too many of them one. */
  join({ by, key, succeeds }: VouchBody): boolean {
    const [first, second] = [this.#listOf(by), this.#listOf(key)];
    const others = first === second ? second.filter((each) => each === key) : second;
    const rest = first.filter((each) => !others.includes(each));
    if (rest.length + others.length > MAX_DEVICES) return false;
    if (first === second && !succeeds) return true;
    // What stands in another's place goes before it, and before nobody else.
    const at = succeeds ? rest.indexOf(by) : rest.length;
    // Senior already: it stays where it is.
    if (first === second && first.indexOf(key) < first.indexOf(by)) return true;
    const all = [...rest.slice(0, at), ...others, ...rest.slice(at)];
    for (const each of all) this.#lists.set(each, all);
    return true;
  }

  /** Once all have joined. */
  revoke(acts: readonly RevokeAct[]): void {
    this.#ended = this.endedBy(acts);
  }

  /** The senior speaks first, and whom it ended can't end it in return. */
  endedBy(acts: readonly RevokeAct[]): Map<PeerId, End> {
    const ended = new Map<PeerId, End>();
    const byAuthor = new Map<PeerId, RevokeAct[]>();
    for (const act of [...acts].sort(byPlace))
      byAuthor.set(act.source.author, [...(byAuthor.get(act.source.author) ?? []), act]);
    const speak = (device: PeerId): void => {
      const limit = ended.get(device)?.seq ?? Infinity;
      const last = new Map<PeerId, RevokeAct>();
      for (const act of byAuthor.get(device) ?? [])
        if (act.source.seq <= limit && this.of(act.body.target) === this.of(device))
          last.set(act.body.target, act);
      for (const { source, body } of last.values()) {
        const known = ended.get(body.target);
        if (body.seq !== NEVER && (known === undefined || body.seq < known.seq))
          ended.set(body.target, { seq: body.seq, source });
      }
    };
    for (const list of new Set(this.#lists.values())) for (const device of list) speak(device);
    // Who has but one device may end that.
    for (const author of byAuthor.keys()) if (!this.#lists.has(author)) speak(author);
    return ended;
  }

  #listOf(peer: PeerId): PeerId[] {
    const known = this.#lists.get(peer) ?? [peer];
    this.#lists.set(peer, known);
    return known;
  }

  /** Stands for the person: the senior device. */
  of(peer: PeerId): PeerId {
    return this.#lists.get(peer)?.[0] ?? peer;
  }

  /** The senior first, itself among them. */
  devices(peer: PeerId): readonly PeerId[] {
    return this.#lists.get(peer) ?? [peer];
  }

  /** Where one of the person's devices ended it. */
  revoked(peer: PeerId): End | null {
    return this.#ended.get(peer) ?? null;
  }

  /** The last seq of a device that counts. */
  lastOf(peer: PeerId): number {
    return this.#ended.get(peer)?.seq ?? Infinity;
  }

  /** Whether what was derived by these is another by those. `seqOf`: the newest entry of a device, 0 for none. */
  turns(to: Persons, seqOf: (peer: PeerId) => number): boolean {
    const known = [this, to].flatMap((each) => [...each.#lists.keys(), ...each.#ended.keys()]);
    return [...new Set(known)].some((peer) => {
      const seq = seqOf(peer);
      if (seq === 0) return false;
      const [before, after] = [this.lastOf(peer), to.lastOf(peer)];
      if (before !== after && seq > Math.min(before, after)) return true;
      const wrote = (persons: Persons): string =>
        persons
          .devices(peer)
          .filter((each) => seqOf(each) > 0)
          .toSorted()
          .join();
      return wrote(this) !== wrote(to);
    });
  }

  /** All persons of several devices, and all that were ended, as text: equal exactly where they are. */
  told(): unknown[] {
    const lists = [...new Set(this.#lists.values())].filter((list) => list.length > 1);
    const ends = [...this.#ended].map(([peer, { seq }]) => [peer, seq]);
    if (lists.length + ends.length === 0) return [];
    return [lists.map((list) => list.join()).sort(), ends.map((end) => end.join()).sort()];
  }
}

/**
 * Whom devices belong to by their signatures alone, whoever carried those: for what must not depend on who may do what,
 * since it is what says that (majorities, SPEC A19).
 */
export function signedPersons(vouches: readonly VouchAct[]): (peer: PeerId) => PeerId {
  const persons = new Persons();
  for (const { body } of [...vouches].sort(byPlace)) persons.join(body);
  return (peer) => persons.of(peer);
}
