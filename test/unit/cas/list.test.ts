import { describe, expect, it } from 'vitest';
import { createListBuilder } from '../../../worker/core/cas/list.ts';
import type { BuiltTree } from '../../../worker/core/cas/list.ts';
import { MAX_LIST_ITEMS, decodeList, encodeList, listSize } from '../../../worker/core/model/blocklist.ts';
import type { BlockItem } from '../../../worker/core/model/blocklist.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { unwrap } from '../../../worker/core/model/errors.ts';
import { toHash } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';

const item = (i: number): BlockItem => ({ hash: toHash(hash32(utf8(`block ${i}`))), size: 1 + (i % 1000) });
const items = Array.from({ length: 3 * MAX_LIST_ITEMS }, (_, i) => item(i));

function build(blocks: readonly BlockItem[]): BuiltTree {
  const builder = createListBuilder(hash32);
  for (const block of blocks) builder.add(block.hash, block.size);
  return builder.finish();
}

/** The blocks under a root, with every list checked against what names it. */
function walk(tree: BuiltTree, root = tree.root): BlockItem[] {
  const bytes = tree.lists.find((list) => list.hash === root)?.bytes ?? expect.unreachable(`no list ${root}`);
  expect(toHash(hash32(bytes))).toBe(root);
  const list = unwrap(decodeList(bytes));
  if (list.level === 0) return list.items;
  return list.items.flatMap((each) => {
    const below = walk(tree, each.hash);
    expect(listSize({ level: 0, items: below })).toBe(each.size);
    return below;
  });
}

describe('Block lists', () => {
  it('C2: no blocks give one empty list of level 0', () => {
    const tree = build([]);
    expect(tree.lists.map((list) => list.bytes)).toEqual([encodeList({ level: 0, items: [] })]);
    expect(tree).toMatchObject({ root: toHash(hash32(encodeList({ level: 0, items: [] }))), size: 0 });
  });

  it.each([
    [1, 1],
    [MAX_LIST_ITEMS - 1, 1],
    [MAX_LIST_ITEMS, 1],
    [MAX_LIST_ITEMS + 1, 3],
    [2 * MAX_LIST_ITEMS, 3],
    [2 * MAX_LIST_ITEMS + 1, 4],
  ])('C2: %i blocks give %i lists, under whose root they are all found in order', (blocks, lists) => {
    const given = items.slice(0, blocks);
    const tree = build(given);
    expect(tree.lists).toHaveLength(lists);
    expect(tree.lists.at(-1)?.hash).toBe(tree.root);
    expect(tree.size).toBe(given.reduce((sum, each) => sum + each.size, 0));
    expect(walk(tree)).toEqual(given);
  });
});
