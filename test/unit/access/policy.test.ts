// What a device does with a grove, as its record keeps it.
import { describe, expect, it } from 'vitest';
import {
  decodePins,
  decodePolicy,
  DEFAULT_POLICY,
  encodePins,
  encodePolicy,
  type GrovePolicy,
} from '../../../worker/core/access/policy.ts';
import { cidOf } from '../../../worker/core/model/ids.ts';
import { asMap, decode, encode } from '../../../worker/core/wire/cbor.ts';
import { aHash, valueOf } from '../model/fixtures.ts';

const fieldsOf = (value: unknown) => asMap(valueOf(decode(encode(value), { maxBytes: 65_536 })));

describe('a policy', () => {
  it('Y1, C14, G18: reads back as it was written, a budget of nothing too', () => {
    const policy: GrovePolicy = {
      bodies: 'frontier',
      artifacts: 'pinned',
      gossip: 'off',
      budget: 0,
      thresholds: Object.fromEntries([
        ['loss', 0.5],
        ['__proto__', 3],
      ]),
      adopt: false,
    };
    const read = decodePolicy(fieldsOf(encodePolicy(policy)));
    expect(read).toEqual(policy);
    expect(Object.keys(read?.thresholds ?? {})).toEqual(['loss', '__proto__']);
  });

  it('Y1: a record of an earlier build, which names artifacts only, means all and on', () => {
    expect(decodePolicy(fieldsOf({ artifacts: 'all' }))).toEqual(DEFAULT_POLICY);
    expect(decodePolicy(fieldsOf({ artifacts: 'on-demand' }))).toEqual({
      ...DEFAULT_POLICY,
      artifacts: 'on-demand',
    });
    expect(decodePins(undefined)).toEqual(new Set());
  });

  it('Y1: what is malformed is no policy', () => {
    const good = encodePolicy(DEFAULT_POLICY);
    for (const bad of [
      { artifacts: 'some' },
      { bodies: 1 },
      { gossip: 'maybe' },
      { budget: -1 },
      { thresholds: [['loss', 'x']] },
      { adopt: 'yes' },
    ])
      expect(decodePolicy(fieldsOf({ ...good, ...bad }))).toBeNull();
    expect(decodePolicy(null)).toBeNull();
    expect(decodePins(['not a hash'])).toBeNull();
    const pins = new Set([cidOf(aHash('one')), cidOf(aHash('two'))]);
    expect(decodePins(encodePins(pins))).toEqual(pins);
  });
});
