// What is asked of the network around this device, bounded.
import * as v from 'valibot';
import { grove, optional, peer, position } from './parts.ts';

export const NETWORK_SCHEMAS = {
  mesh: v.strictTuple([grove, optional(v.strictObject({ since: v.exactOptional(position) }))]),
  network: v.strictTuple([grove]),
  heldBy: v.strictTuple([grove, peer]),
  paths: v.strictTuple([]),
};
