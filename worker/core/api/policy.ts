// Calls about what this device fetches of a grove by itself, what it pins, and whether it speaks there (SPEC Y1-Y3).
import { MAX_PINS, type GrovePolicy } from '../access/policy.ts';
import { encodeRecord, recordKey, type GroveRecord } from '../access/record.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { ThicketError } from '../model/errors.ts';
import type { Cid } from '../model/ids.ts';
import { activeGrove, groveOf, unheardOf, type Call } from './api.ts';

export function policyCalls(core: Core) {
  const { context } = core;

  /** Answered once it is written, so that it survives a restart. */
  function keep(
    call: Call,
    grove: Grove,
    change: Partial<Pick<GroveRecord, 'policy' | 'pins' | 'fresh'>>,
    answer: unknown,
    then: () => void,
  ): void {
    const { policy, pins, fresh } = grove.record;
    // At once in memory too: whatever else is written of the record meanwhile must not bring the old back.
    Object.assign(grove.record, change);
    const value = encodeRecord(grove.record);
    const put = { op: 'put' as const, table: 'meta' as const, key: recordKey(grove.id), value };
    context.write([put, ...call.note(answer)], 'strict', (failure) => {
      if (failure !== null) {
        Object.assign(grove.record, { policy, pins, fresh });
        return call.refuse(core.errorCode(failure.failure), failure.message);
      }
      then();
      call.reply(answer);
    });
  }

  function setPins(
    call: Call,
    id: string,
    change: (pins: Set<Cid>) => void,
    then: (grove: Grove) => void = () => undefined,
  ): void {
    const grove = activeGrove(core, id);
    const pins = new Set(grove.record.pins);
    change(pins);
    if (pins.size > MAX_PINS) {
      const message = `pin: at most ${MAX_PINS} contributions of a grove, given one more`;
      throw new ThicketError('too-large', message);
    }
    keep(call, grove, { pins }, null, () => {
      then(grove);
      core.policies.changed(grove);
      core.storage.policyChanged();
    });
  }

  return {
    policy(call: Call, id: string, change: Partial<GrovePolicy> = {}): void {
      const grove = groveOf(core, id);
      const before = grove.record.policy;
      if (Object.keys(change).length === 0) return call.reply(before);
      const policy = { ...before, ...change };
      keep(call, grove, { policy, fresh: false }, policy, () => {
        if (policy.gossip !== before.gossip) core.peering.gossipChanged(grove);
        core.policies.changed(grove);
        core.storage.policyChanged();
        core.changed(grove.id);
      });
    },

    /** Keeps all of a contribution on this device, whatever the policy; fetched where it is not here. */
    pin(call: Call, id: string, cid: string): void {
      const grove = activeGrove(core, id);
      if (!grove.views.has(cid as Cid)) throw unheardOf(grove, cid);
      const add = (pins: Set<Cid>): void => void pins.add(cid as Cid);
      setPins(call, id, add, (grove) => core.holdings.allow(grove, cid as Cid, true));
    },

    unpin: (call: Call, id: string, cid: string): void =>
      setPins(call, id, (pins) => void pins.delete(cid as Cid)),

    pins: (call: Call, id: string): void => call.reply([...activeGrove(core, id).record.pins]),
  };
}
