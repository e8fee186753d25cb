// What a page may ask about claims, votes, outcomes, tasks and questions.
import * as v from 'valibot';
import { GRAPH } from '../../core/graph/config.ts';
import { PRIORITIES, TASK_KINDS, TASK_STATUSES } from '../../core/graph/tasks.ts';
import { ACT_LIMITS, OUTCOMES, VOTES } from '../../core/model/acts.ts';
import { cid, grove, list, optional, peer, text, whole } from './parts.ts';

const lease = v.exactOptional(whole(1, ACT_LIMITS.lease));
const note = text(ACT_LIMITS.note);
const page = {
  author: v.exactOptional(peer),
  mine: v.exactOptional(v.boolean()),
  limit: v.exactOptional(whole(1, GRAPH.maxPage)),
  cursor: v.exactOptional(text(1000)),
};

export const TASK_SCHEMAS = {
  claim: v.strictTuple([
    grove,
    cid,
    optional(v.strictObject({ lease, note: v.exactOptional(note), renew: v.exactOptional(v.boolean()) })),
  ]),
  renewClaim: v.strictTuple([grove, cid, optional(v.strictObject({ lease, note: v.exactOptional(note) }))]),
  release: v.strictTuple([grove, cid, optional(note)]),
  complete: v.strictTuple([grove, cid, optional(note)]),
  claims: v.strictTuple([grove, cid]),
  vote: v.strictTuple([grove, cid, v.picklist(VOTES)]),
  votes: v.strictTuple([grove, cid]),
  outcome: v.strictTuple([grove, cid, v.picklist(OUTCOMES), optional(note)]),
  outcomes: v.strictTuple([grove, cid]),
  tasks: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        ...page,
        kind: v.exactOptional(v.picklist(TASK_KINDS)),
        status: v.exactOptional(list(v.picklist(TASK_STATUSES), TASK_STATUSES.length)),
      }),
    ),
  ]),
  questions: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        ...page,
        open: v.exactOptional(v.boolean()),
        priority: v.exactOptional(v.picklist(PRIORITIES)),
      }),
    ),
  ]),
};
