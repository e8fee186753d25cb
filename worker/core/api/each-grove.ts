// Writes what a call has to say in several groves, one entry after the other: one that can't be written now is told of, and
// the rest goes on. Knows nothing of what it says.
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { encodeBody, type Body } from '../model/body.ts';
import type { Entry } from '../model/entry.ts';
import { mayWrite } from '../openings.ts';

export interface Written {
  grove: Grove;
  entry: Entry;
  signature: Uint8Array;
  body: Uint8Array;
}

/** `bodies` are asked for before anything is written, since that may have a log read anew. */
export function writeEach(
  core: Core,
  groves: readonly Grove[],
  bodies: (grove: Grove) => readonly Body[],
  then: (failed: readonly Grove[], written: readonly Written[]) => void,
): void {
  const failed: Grove[] = [];
  const written: Written[] = [];
  const queue = groves.flatMap((grove) => bodies(grove).map((what) => ({ grove, what })));
  for (const { grove, what } of queue)
    if (!failed.includes(grove) && !mayWrite(core, grove, what.kind)) failed.push(grove);
  const next = (): void => {
    const job = queue.shift();
    if (job === undefined) return then(failed, written);
    const { grove, what } = job;
    if (failed.includes(grove)) return next();
    const body = encodeBody(what);
    core.sync.append(grove.id, {
      kind: what.kind,
      body,
      table: null,
      also: () => [],
      then: (outcome) => {
        if ('entry' in outcome) written.push({ grove, ...outcome, body });
        else failed.push(grove);
        next();
      },
    });
  };
  next();
}
