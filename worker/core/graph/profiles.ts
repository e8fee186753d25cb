// What members say of themselves (SPEC G11): of each author the last profile by (lamport, id).
import type { ProfileBody } from '../model/acts.ts';
import type { PeerId } from '../model/ids.ts';
import type { Act, FoldOptions } from './acts.ts';
import { createDigest } from './digest.ts';
import { comparePlaces } from './order.ts';

export interface Profile {
  /** `profile` aside, as its entry says it. */
  body: ProfileBody;
  /** ms since the epoch by the author's clock; display only. */
  at: number;
}
export interface Profiles {
  apply(act: Act, body: ProfileBody): void;
  /** Null where it never wrote one. */
  of(author: PeerId): Profile | null;
  /** The last that any of a person's devices wrote. */
  newest(authors: readonly PeerId[]): Profile | null;
  digest(): string;
}

export function createProfiles({ hash }: Pick<FoldOptions, 'hash'>): Profiles {
  const byAuthor = new Map<PeerId, { act: Act; body: ProfileBody }>();
  const digest = createDigest<PeerId>({
    label: 'thicket/profiles/1',
    line: (author) => JSON.stringify([author, byAuthor.get(author)?.act.entry]),
    hash,
  });

  return {
    apply(act, body) {
      const known = byAuthor.get(act.author);
      if (known !== undefined && comparePlaces(known.act, act) >= 0) return;
      byAuthor.set(act.author, { act, body });
      digest.touch(act.author);
    },
    of(author) {
      const known = byAuthor.get(author);
      return known === undefined ? null : { body: known.body, at: known.act.at };
    },
    newest(authors) {
      const all = authors.flatMap((author) => byAuthor.get(author) ?? []);
      const last = all.sort((a, b) => comparePlaces(a.act, b.act)).at(-1);
      return last === undefined ? null : { body: last.body, at: last.act.at };
    },
    digest: digest.value,
  };
}
