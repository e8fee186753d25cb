// What a page may ask about roles, bans and invites.
import * as v from 'valibot';
import { POWER_LIMITS, SETTABLE } from '../../core/model/powers.ts';
import { grove, hash, optional, peer, text } from './parts.ts';

const why = optional(v.strictObject({ reason: v.exactOptional(text(POWER_LIMITS.reason)) }));

export const POWER_SCHEMAS = {
  setRole: v.strictTuple([grove, peer, v.picklist(SETTABLE)]),
  ban: v.strictTuple([grove, peer, why]),
  unban: v.strictTuple([grove, peer, why]),
  bans: v.strictTuple([grove]),
  handover: v.strictTuple([grove, peer]),
  rotate: v.strictTuple([grove]),
  invites: v.strictTuple([grove]),
  revokeInvite: v.strictTuple([grove, hash]),
};
