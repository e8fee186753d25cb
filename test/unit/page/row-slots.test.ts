import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowSlots } from '../../../src/components/row-slots.ts';

const keyOf = (item: string): string => item;
const slotsOf = (rows: readonly { slot: number }[]): number[] => rows.map(({ slot }) => slot);

describe('the rows of a list', () => {
  it('are taken over by what comes, as many as there were', () => {
    const slots = new RowSlots(keyOf);
    const before = slotsOf(slots.place(['a', 'b', 'c'], 0, null));
    expect(slotsOf(slots.place(['d', 'e', 'f'], 0, null))).toEqual(before);
  });

  it('stay with what stays, also where others come before it', () => {
    const slots = new RowSlots(keyOf);
    const [a, b] = slots.place(['a', 'b', 'c'], 0, null);
    const after = slots.place(['new', 'a', 'b'], 0, null);
    expect(after.map(({ at }) => at)).toEqual([0, 1, 2]);
    expect(slotsOf(after).slice(1)).toEqual([a?.slot, b?.slot]);
  });

  it('are the same objects where nothing changed, so that nothing is worked out anew', () => {
    const slots = new RowSlots(keyOf);
    const [, b] = slots.place(['a', 'b'], 0, null);
    expect(slots.place(['b', 'c'], 1, null)[0]).toBe(b);
    expect(slots.place(['b', 'c'], 2, null)[0]).not.toBe(b);
  });

  it('are left alone where the keyboard is in one: Enter must not open what has just come', () => {
    const slots = new RowSlots(keyOf);
    const [a, b] = slots.place(['a', 'b'], 0, null);
    const after = slotsOf(slots.place(['c', 'd', 'e'], 0, 'a'));
    expect(after).toContain(b?.slot);
    expect(after).not.toContain(a?.slot);
  });

  it('are each of one item, in its order, whatever was shown before', () => {
    const number = fc.nat({ max: 40 }).map(String);
    const view = fc.tuple(fc.uniqueArray(number, { maxLength: 20 }), fc.option(number));
    fc.assert(
      fc.property(fc.array(view, { maxLength: 12 }), (views) => {
        const slots = new RowSlots(keyOf);
        let before: string[] = [];
        let rows = slots.place([], 0, null);
        for (const [items, held] of views) {
          const [past, taken] = [rows, held === null ? undefined : rows[before.indexOf(held)]?.slot];
          rows = slots.place(items, 0, held);
          expect(rows.map(({ item }) => item)).toEqual(items);
          expect(new Set(slotsOf(rows)).size).toBe(items.length);
          for (const { slot, item } of rows) {
            if (slot === taken) expect(item).toBe(held);
            const at = before.indexOf(item);
            if (at >= 0) expect(slot).toBe(past[at]?.slot);
          }
          before = items;
        }
      }),
    );
  });

  it('are never shared, even where a list has something twice', () => {
    const slots = new RowSlots(keyOf);
    slots.place(['a'], 0, null);
    expect(new Set(slotsOf(slots.place(['a', 'a', 'b', 'a'], 0, null))).size).toBe(4);
    expect(new Set(slotsOf(slots.place(['a', 'a', 'b', 'a'], 0, null))).size).toBe(4);
  });
});
