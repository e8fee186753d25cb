// What a page may ask of export and import, bounded.
import * as v from 'valibot';
import { artifact, cid, grove, list, optional } from './parts.ts';

/** Named one by one; a lineage or a whole grove needs no list. */
const MAX_CIDS = 10_000;

export const PORTABLE_SCHEMAS = {
  export: v.strictTuple([
    grove,
    v.pipe(
      v.strictObject({
        cids: v.exactOptional(list(cid, MAX_CIDS)),
        lineage: v.exactOptional(cid),
        format: v.picklist(['ndjson', 'car']),
        artifacts: v.exactOptional(v.boolean()),
        partial: v.exactOptional(v.boolean()),
      }),
      v.check(
        ({ cids, lineage }) => cids === undefined || lineage === undefined,
        'cids or lineage, not both',
      ),
      v.check(
        ({ format, artifacts }) => format === 'car' || artifacts !== true,
        'artifacts go along in a CAR file only: format "car"',
      ),
    ),
  ]),
  import: v.strictTuple([
    grove,
    artifact,
    optional(v.strictObject({ partial: v.exactOptional(v.boolean()) })),
  ]),
};
