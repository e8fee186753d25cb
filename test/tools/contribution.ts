// A contribution as `window.thicket` tells of one that is held whole, for tests of what is done with it.
import type { Contribution } from '../../worker/rpc/api.ts';

export const heldContribution = (
  fields: Pick<Contribution, 'cid' | 'files'> & Partial<Contribution>,
): Contribution => ({
  manifestVersion: 1,
  kind: 'work',
  mode: 'evaluation',
  summary: 'A step on the way',
  artifacts: Object.fromEntries(fields.files.map(({ name, hash }) => [name, hash])),
  relations: [],
  tags: [],
  agent: { agentId: 'a' },
  createdAt: '2026-05-01T00:00:00.000Z',
  author: 'ab',
  authorName: 'Ada',
  publishers: ['ab'],
  receivedAt: 1,
  receivedFrom: null,
  withdrawn: false,
  signature: 'verified',
  body: true,
  lifecycle: 'published',
  gates: null,
  verification: null,
  outgoing: [],
  incoming: [],
  holders: 0,
  ...fields,
});
