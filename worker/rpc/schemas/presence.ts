// What a page may say of itself, bounded.
import * as v from 'valibot';
import { CONFIG } from '../../core/config.ts';
import { STATUSES } from '../../core/gossip/presence-row.ts';
import { cid, grove, optional, text } from './parts.ts';

export const PRESENCE_SCHEMAS = {
  presence: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        status: v.exactOptional(v.picklist(STATUSES)),
        cid: v.exactOptional(v.nullable(cid)),
        note: v.exactOptional(text(CONFIG.presence.note)),
      }),
    ),
  ]),
};
