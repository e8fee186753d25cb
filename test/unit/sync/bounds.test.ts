// How much one link may have staged (SPEC S3).
import { describe, expect, it } from 'vitest';
import { Usage } from '../../../worker/core/sync/bounds.ts';
import { linkOf } from './bench.ts';

const one = { entry: { header: new Uint8Array(10) }, body: null, table: null };

/** As many as it may, at most so many. */
function fill(usage: Usage, name: string, most = 1_000): number {
  let count = 0;
  while (count < most && usage.hasRoom(linkOf(name), one)) {
    usage.change(linkOf(name), one, 1);
    count += 1;
  }
  return count;
}

describe('what waits of one link', () => {
  it('S3: is as much as it leaves free where it is alone, and a quarter whatever others have', () => {
    const usage = new Usage({ entries: 100, bytes: 100_000 });
    expect(fill(usage, 'a')).toBe(50);
    expect(['b', 'c', 'd'].map((name) => fill(usage, name))).toEqual([25, 25, 25]);
    expect(fill(usage, 'a')).toBe(0);
  });

  it('S3: is bounded in bytes as in entries', () => {
    const usage = new Usage({ entries: 1_000, bytes: 1_000 });
    expect(fill(usage, 'a')).toBe(50);
  });

  it('S3: of a crowd that came before leaves a share to the next', () => {
    const usage = new Usage({ entries: 240, bytes: 100_000 });
    for (let i = 0; i < 23; i += 1) fill(usage, `liar ${i}`);
    expect(fill(usage, 'honest')).toBe(10);
  });

  it('S3: is given back as it is applied', () => {
    const usage = new Usage({ entries: 100, bytes: 100_000 });
    fill(usage, 'a');
    for (let i = 0; i < 20; i += 1) usage.change(linkOf('a'), one, -1);
    expect(fill(usage, 'a')).toBe(20);
    expect(usage.entries).toBe(50);
  });
});
