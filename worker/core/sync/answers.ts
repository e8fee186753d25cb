// Answers whoever asks for entries by id (SPEC S3). Knows nothing of why they are wanted.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { EntryId, GroveId, LinkId } from '../model/ids.ts';
import type { Log } from './log.ts';
import { readEntries, sendEntries } from './outgoing.ts';

export function answerIds(
  { grove, log, context }: { grove: GroveId; log: Log; context: Context },
  link: LinkId,
  ids: readonly EntryId[],
): void {
  const { perFrame, answered } = CONFIG.sync.wantIds;
  // Who doesn't take what was sent already gets no more.
  if (context.outstanding(link) >= CONFIG.sync.windowBytes) return context.count('ids.busy');
  // What has no signature of its own travels with those up to the one that covers it.
  const wanted = new Set(ids.slice(0, perFrame).flatMap((id) => log.signedFrom(id)));
  const some = [...wanted].slice(0, answered);
  if (some.length === 0) return;
  readEntries(grove, some, context, undefined, (entries) => {
    const found = entries.filter((entry) => entry !== null);
    const small = some.reduce((sum, { bytes }) => sum + bytes, 0) <= CONFIG.sync.pushBytes;
    sendEntries(found, (batch) =>
      context.send(
        link,
        { type: 'entries', grove, why: 'want', hops: 0, entries: batch },
        small ? 'control' : 'bulk',
      ),
    );
  });
}
