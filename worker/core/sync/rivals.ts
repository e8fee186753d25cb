// Entries that claim the place of an applied one. Only what their author signed says that it forked its log (SPEC S8):
// nobody can be accused by others' bytes.
import type { Context } from '../context.ts';
import type { Log } from './log.ts';
import type { Staged } from './staging.ts';

/** Signatures of rivals waiting to be verified; more tell nothing new. */
const MAX_WAITING = 64;

export class Rivals {
  #waiting: Staged[] = [];

  add(rivals: readonly Staged[], log: Log, context: Context): void {
    for (const rival of rivals) {
      if (rival.state === 'covered') this.confirm(rival, log, context);
      else if (rival.signature === null || this.#waiting.length >= MAX_WAITING)
        context.count('entries.refused');
      else this.#waiting.push(rival);
    }
  }

  take(): Staged[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** Its signature holds: the author signed two entries of one seq. */
  confirm({ entry }: Staged, log: Log, context: Context): void {
    const past = entry.seq <= (log.head(entry.author)?.seq ?? 0);
    const forked =
      past || entry.prev === null
        ? log.fork(entry.author, entry.seq, entry.id)
        : log.fork(entry.author, entry.seq - 1, entry.prev);
    context.count(forked ? 'entries.forked' : 'entries.duplicate');
  }
}
