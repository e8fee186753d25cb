import { expect, it } from 'vitest';
import { GOSSIP_TYPES } from '../../../src/state/gossip-types.ts';
import { MESSAGE_TYPES } from '../../../worker/core/gossip/trail-facts.ts';

/** What the link layer says to itself passes neither groves nor the record (SPEC O1). */
const UNRECORDED = ['hello', 'proof', 'bye', 'ping', 'pong'];

it('O1: the filter of messages offers every kind that is recorded', () => {
  expect([...GOSSIP_TYPES, ...UNRECORDED].sort()).toEqual([...MESSAGE_TYPES].sort());
});
