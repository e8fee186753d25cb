// What a grove's members set, by key (SPEC G16): of each author the last entry for a key, and of those what stands. What
// a key means is not known here, only whether a value is what it needs.
import { ACT_LIMITS } from '../model/acts.ts';
import type { SettingBody } from '../model/acts.ts';
import { CONTRACT, fits } from '../model/contract.ts';
import { compareIds } from '../model/ids.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import { canonicalJson } from '../model/json.ts';
import type { Json } from '../model/json.ts';
import type { Act, FoldOptions } from './acts.ts';
import { GRAPH } from './config.ts';
import { createDigest } from './digest.ts';
import { comparePlaces } from './order.ts';

export interface Setting {
  key: string;
  value: Json;
  author: PeerId;
  entry: EntryId;
  /** ms since the epoch by the author's clock; display only. */
  at: number;
}
export interface Settings {
  apply(act: Act, body: SettingBody): void;
  /** What says the value; null where nothing does, or what does takes it away. */
  of(key: string): Setting | null;
  /** By one author's word alone. */
  by(author: PeerId, key: string): Setting | null;
  /** Keys that begin so and that anybody wrote about, ascending. */
  keys(prefix: string): string[];
  /** How many keys an author wrote about; of more than `GRAPH.settingKeys` the oldest are forgotten. */
  countOf(author: PeerId): number;
  /** Whether an author's word on a key is remembered, were it only to take it away. */
  wrote(author: PeerId, key: string): boolean;
  /** What a new entry for a key names as replaced, at most 64. */
  replaced(key: string): EntryId[];
  digest(): string;
}

/** An author's last entry for a key. */
interface Said extends Act {
  key: string;
  /** Canonical JSON: parsed, a hostile value takes many times its size. Null: taken away. */
  text: string | null;
  replaces: readonly EntryId[];
}

export function createSettings({ hash, roleOf }: FoldOptions): Settings {
  const byKey = new Map<string, Map<PeerId, Said>>();
  const byAuthor = new Map<PeerId, Map<string, Said>>();
  const digest = createDigest<string>({
    label: 'thicket/settings/1',
    line(key) {
      const said = [...(byKey.get(key)?.values() ?? [])].sort((a, b) => compareIds(a.author, b.author));
      return said.length === 0 ? null : JSON.stringify([key, said.map(({ entry }) => entry)]);
    },
    hash,
  });

  function forget({ key, author }: Said): void {
    const authors = byKey.get(key);
    authors?.delete(author);
    if (authors?.size === 0) byKey.delete(key);
    byAuthor.get(author)?.delete(key);
    digest.touch(key);
  }

  function remember(said: Said): void {
    const { key, author } = said;
    const authors = byKey.get(key) ?? new Map<PeerId, Said>();
    const keys = byAuthor.get(author) ?? new Map<string, Said>();
    byKey.set(key, authors.set(author, said));
    byAuthor.set(author, keys.set(key, said));
    digest.touch(key);
    if (keys.size <= GRAPH.settingKeys) return;
    // What is forgotten has so many newer keys before it, and they only get newer: the order of arrival can't matter.
    forget([...keys.values()].reduce((least, each) => (comparePlaces(each, least) < 0 ? each : least)));
  }

  function mayCount({ key, author, seq }: Said): boolean {
    const role = roleOf(author, seq);
    return key.startsWith(CONTRACT) ? role === 'owner' || role === 'moderator' : role !== null;
  }

  /** Best first: the owner's, then by (lamport, id) descending. */
  function standing(key: string): Said[] {
    const counted = [...(byKey.get(key)?.values() ?? [])].filter(mayCount);
    const replaced = new Map<EntryId, PeerId[]>();
    for (const { author, replaces } of counted)
      for (const id of replaces) replaced.set(id, [...(replaced.get(id) ?? []), author]);
    const stands = counted.filter(
      ({ entry, author }) => replaced.get(entry)?.some((by) => by !== author) !== true,
    );
    return stands.sort((a, b) => rank(b) - rank(a) || comparePlaces(b, a));
  }
  const rank = ({ author, seq }: Said): number => (roleOf(author, seq) === 'owner' ? 1 : 0);

  function told(said: Said | undefined): Setting | null {
    if (said?.text == null) return null;
    const { key, text, author, entry, at } = said;
    return { key, value: JSON.parse(text) as Json, author, entry, at };
  }

  return {
    apply(act, { key, value, replaces }) {
      if (value !== undefined && !fits(key, value)) return;
      const known = byKey.get(key)?.get(act.author);
      if (known !== undefined && comparePlaces(known, act) >= 0) return;
      remember({ ...act, key, text: value === undefined ? null : canonicalJson(value), replaces });
    },
    of: (key) => told(standing(key)[0]),
    by: (author, key) => told(byKey.get(key)?.get(author)),
    keys: (prefix) => [...byKey.keys()].filter((key) => key.startsWith(prefix)).sort(compareIds),
    countOf: (author) => byAuthor.get(author)?.size ?? 0,
    wrote: (author, key) => byKey.get(key)?.has(author) === true,
    replaced(key) {
      const all = [...(byKey.get(key)?.values() ?? [])];
      const newestFirst = all.sort((a, b) => comparePlaces(b, a));
      const owners = newestFirst.filter((said) => rank(said) === 1);
      const ids = [...standing(key), ...owners, ...newestFirst].map(({ entry }) => entry);
      return [...new Set(ids)].slice(0, ACT_LIMITS.replaces);
    },
    digest: digest.value,
  };
}
