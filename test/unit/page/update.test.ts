import { describe, expect, it } from 'vitest';
import { UpdateState } from '../../../src/state/update.svelte.ts';

function setUp() {
  let written: (() => void)[] = [];
  let applied = 0;
  const update = new UpdateState(() => new Promise((resolve) => written.push(resolve)));
  update.offer(() => (applied += 1));
  return {
    update,
    applied: () => applied,
    async answer() {
      for (const done of written.splice(0)) done();
      written = [];
      await Promise.resolve();
    },
  };
}

describe('a newer build', () => {
  it('waits for a click, then for what is being written', async () => {
    const { update, applied, answer } = setUp();
    update.moving(false);
    await answer();
    expect(applied()).toBe(0);
    update.take();
    expect(applied()).toBe(0);
    await answer();
    expect(applied()).toBe(1);
    expect(update.ready).toBe(false);
  });

  it('is never taken during a transfer, also one that begins meanwhile', async () => {
    const { update, applied, answer } = setUp();
    update.moving(true);
    update.take();
    await answer();
    update.moving(false);
    update.moving(true);
    await answer();
    expect(applied()).toBe(0);
    update.moving(false);
    await answer();
    expect(applied()).toBe(1);
  });
});
