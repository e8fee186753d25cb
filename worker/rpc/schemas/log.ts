// What a page may ask of the signed log.
import * as v from 'valibot';
import { grove, hash, optional, peer, text, whole } from './parts.ts';

export const LOG_SCHEMAS = {
  log: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        author: v.exactOptional(peer),
        kind: v.exactOptional(text(32)),
        before: v.exactOptional(whole(0, Number.MAX_SAFE_INTEGER)),
        limit: v.exactOptional(whole(1, 500)),
      }),
    ),
  ]),
  logEntry: v.strictTuple([grove, hash]),
};
