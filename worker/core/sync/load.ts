// Reads a grove's log back from the store at start (SPEC S10). The disk is checked like a peer, but for signatures:
// they were verified before they were written.
import { isFailure, type Context } from '../context.ts';
import { groveOf } from '../model/entry.ts';
import type { GroveId } from '../model/ids.ts';
import type { Log } from './log.ts';
import { decodeRow, logPrefix, type LogRow } from './row.ts';
import type { AppliedEntry, SyncFact, SyncHooks } from './types.ts';

const PAGE = 1_000;

interface Deps {
  context: Context;
  hooks: SyncHooks;
  emit: (fact: SyncFact) => void;
}

export function loadLog(id: GroveId, log: Log, deps: Deps, done: () => void): void {
  const { context, emit } = deps;
  const rows: LogRow[] = [];

  function page(after: string | null): void {
    context.scan('log', logPrefix(id), after, PAGE, (found) => {
      if (isFailure(found)) {
        emit({ type: 'problem', code: 'closed', message: `the log could not be read: ${found.message}` });
        return done();
      }
      for (const { value } of found) {
        const row = decodeRow(value);
        if (row.ok && groveOf(row.value.entry) === id) rows.push(row.value);
        else context.count('store.corrupt');
      }
      const last = found.at(-1);
      if (found.length === PAGE && last !== undefined) page(last.key);
      else apply();
    });
  }

  /** In the order in which they were applied before, which is causal. What doesn't fit any more is left out. */
  function apply(): void {
    rows.sort((a, b) => a.index - b.index);
    const whole: { row: LogRow; kept: ReturnType<Log['append']> }[] = [];
    for (const row of rows) {
      if (log.has(row.entry.id)) continue;
      if (!log.isReady(row.entry)) {
        context.count('store.corrupt');
        continue;
      }
      const control = deps.hooks.isControl(row.entry.kind);
      const { receivedAt, receivedFrom } = row;
      whole.push({ row, kept: log.append(row.entry, { receivedAt, receivedFrom, control }) });
    }
    bodies(whole, 0);
  }

  function bodies(whole: { row: LogRow; kept: ReturnType<Log['append']> }[], from: number): void {
    const part = whole.slice(from, from + PAGE);
    if (part.length === 0) return done();
    context.read(
      'bodies',
      part.map(({ row }) => row.entry.body),
      (values) => {
        const found = isFailure(values) ? [] : values;
        emit({
          type: 'applied',
          grove: id,
          applied: part.map(({ row, kept }, index): AppliedEntry => {
            const { entry, signature, table } = row;
            return { kept, entry, signature, table, body: found[index] ?? null, link: null };
          }),
        });
        bodies(whole, from + PAGE);
      },
    );
  }

  page(null);
}
