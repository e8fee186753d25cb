// What a page may ask of a check of the store.
import * as v from 'valibot';
import { optional } from './parts.ts';

export const VERIFY_SCHEMAS = {
  verify: v.strictTuple([optional(v.strictObject({ repair: v.exactOptional(v.boolean()) }))]),
  cancelVerify: v.strictTuple([]),
};
