// What a page may ask about joining, moderation and succession.
import * as v from 'valibot';
import { GOVERN_LIMITS } from '../../core/model/governing.ts';
import { cid, grove, named, optional, peer, text } from './parts.ts';

const why = optional(v.strictObject({ reason: v.exactOptional(text(GOVERN_LIMITS.reason)) }));
const subject = v.union([cid, peer]);

export const GOVERNING_SCHEMAS = {
  joinRequests: v.strictTuple([grove]),
  approveJoin: v.strictTuple([grove, peer, why]),
  declineJoin: v.strictTuple([grove, peer, why]),
  report: v.strictTuple([grove, subject, named(GOVERN_LIMITS.reason)]),
  reports: v.strictTuple([grove]),
  hide: v.strictTuple([grove, subject, why]),
  unhide: v.strictTuple([grove, subject, why]),
  dismissReports: v.strictTuple([grove, subject, why]),
  moderation: v.strictTuple([grove]),
  succession: v.strictTuple([grove]),
  setSuccessor: v.strictTuple([grove, v.nullable(peer)]),
  elect: v.strictTuple([grove, peer]),
  succeed: v.strictTuple([grove]),
};
