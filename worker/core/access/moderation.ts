// What is hidden in a grove and what was reported (SPEC A18): noted in any order, and told anew where who moderates turns.
// Knows nothing of what is hidden but its id.
import { compareEntries } from '../model/entry.ts';
import type { ModerateBody, ReportBody, Subject } from '../model/governing.ts';
import type { EntryId, Hash, PeerId } from '../model/ids.ts';
import type { PowerSource } from './authority.ts';

export interface Report {
  source: PowerSource;
  body: ReportBody;
}
export interface Moderated {
  source: PowerSource;
  body: ModerateBody;
}
export interface Told {
  /** By what they are about: contributions and entries that are hidden, and by which act. */
  hidden: ReadonlyMap<Hash, Moderated>;
  /** Reports that nobody answered, the oldest first. */
  open: Report[];
  /** Acts that count, the oldest first. */
  log: Moderated[];
}

export class Moderation {
  readonly #reports = new Map<EntryId, Report>();
  readonly #acts = new Map<EntryId, Moderated>();

  report(source: PowerSource, body: ReportBody): void {
    this.#reports.set(source.id, { source, body });
  }

  act(source: PowerSource, body: ModerateBody): void {
    this.#acts.set(source.id, { source, body });
  }

  tell({
    rankAt,
    reports,
  }: {
    rankAt: (author: PeerId, seq: number) => 'owner' | 'moderator' | null;
    /** Whose reports count. */
    reports: (author: PeerId) => boolean;
  }): Told {
    const log = inOrder(this.#acts.values()).filter(
      ({ source }) => rankAt(source.author, source.seq) !== null,
    );
    const owners = new Map<Hash, Moderated>();
    const others = new Map<Hash, Moderated>();
    for (const each of log) {
      const { source, body } = each;
      if (body.word === 'dismiss') continue;
      (rankAt(source.author, source.seq) === 'owner' ? owners : others).set(body.subject, each);
    }
    const standing = new Map([...others, ...owners]);
    const hidden = new Map([...standing].filter(([, { body }]) => body.word === 'hide'));
    const closed = new Set(log.flatMap(({ body }) => body.closes));
    // Of what somebody reports again and again the last is one report.
    const last = new Map<string, Report>();
    for (const each of inOrder(this.#reports.values()))
      if (reports(each.source.author)) last.set(`${each.source.author}/${keyOf(each.body)}`, each);
    const open = inOrder(last.values()).filter(({ source }) => !closed.has(source.id));
    return { hidden, open, log };
  }
}

const keyOf = ({ about, subject }: Subject): string => `${about}/${subject}`;
const inOrder = <T extends { source: PowerSource }>(all: Iterable<T>): T[] =>
  [...all].sort((a, b) => compareEntries(a.source, b.source));
