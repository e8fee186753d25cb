import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseCarrier } from '../../worker/carrier.ts';
import type { CarrierCandidate } from '../../worker/carrier.ts';

const tab = (id: string, since: number, change: Partial<CarrierCandidate> = {}): CarrierCandidate => ({
  tab: id,
  since,
  visible: true,
  silent: false,
  ...change,
});

describe('choosing a carrier', () => {
  it('D3: without tabs there is none', () => {
    expect(chooseCarrier([], null)).toBe(null);
    expect(chooseCarrier([], 'gone')).toBe(null);
  });

  it('D3: a visible tab is preferred to an older hidden one', () => {
    expect(chooseCarrier([tab('old', 1, { visible: false }), tab('new', 2)], null)).toBe('new');
  });

  it('D3: among equally visible tabs the oldest is chosen', () => {
    expect(chooseCarrier([tab('b', 2), tab('a', 1), tab('c', 3)], null)).toBe('a');
  });

  it('D3: a carrier that lives stays, however good the others are', () => {
    expect(chooseCarrier([tab('carrier', 9, { visible: false }), tab('better', 1)], 'carrier')).toBe(
      'carrier',
    );
  });

  it('D3: a silent carrier is replaced, and a silent tab is never chosen', () => {
    expect(chooseCarrier([tab('carrier', 1, { silent: true }), tab('other', 2)], 'carrier')).toBe('other');
    expect(chooseCarrier([tab('carrier', 1, { silent: true })], 'carrier')).toBe(null);
  });

  it('D3: the choice does not depend on the order of the tabs', () => {
    const candidate = fc.record({
      tab: fc.stringMatching(/^[a-f]{1,2}$/),
      since: fc.integer({ min: 0, max: 3 }),
      visible: fc.boolean(),
      silent: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(candidate, { selector: (c) => c.tab }), (tabs) => {
        expect(chooseCarrier(tabs.toReversed(), null)).toBe(chooseCarrier(tabs, null));
      }),
    );
  });
});
