// What one is about to write, as a kind and as the relation to what it is about.
import type { Kind, RelationType } from '../../worker/rpc/api.ts';
import type { Intent } from '../routes.ts';

export const KIND_OF: Readonly<Record<Intent, Kind>> = {
  derive: 'work',
  review: 'review',
  reproduce: 'reproduction',
  adopt: 'adoption',
  discuss: 'discussion',
  answer: 'response',
  ask: 'ask_user',
  plan: 'plan',
};

export const RELATION_OF: Readonly<Record<Intent, RelationType>> = {
  derive: 'derives_from',
  review: 'reviews',
  reproduce: 'reproduces',
  adopt: 'adopts',
  discuss: 'responds_to',
  answer: 'responds_to',
  ask: 'responds_to',
  plan: 'derives_from',
};

export const RESULTS = ['confirmed', 'challenged', 'partial'] as const;
export type Result = (typeof RESULTS)[number];
