// What every Random does.
import { describe, expect, it } from 'vitest';
import type { Random } from '../../worker/core/ports.ts';

export function describeRandom(name: string, create: () => Random): void {
  describe(`Random: ${name}`, () => {
    it('gives exactly as many bytes as asked for, however many', () => {
      const random = create();
      for (const length of [0, 1, 32, 65_535, 65_536, 65_537, 200_000]) {
        expect(random.bytes(length)).toHaveLength(length);
      }
    });

    it('fills all of them: no stretch of 32 bytes is left as it was or comes twice', () => {
      const random = create();
      const bytes = random.bytes(200_000);
      const stretches = new Set<string>();
      for (let at = 0; at + 32 <= bytes.length; at += 32) stretches.add(bytes.slice(at, at + 32).join());
      expect(stretches.size).toBe(6250);
      expect(stretches).not.toContain(new Uint8Array(32).join());
      expect(random.bytes(32)).not.toEqual(bytes.slice(0, 32));
    });

    it('gives memory that nobody else holds', () => {
      const random = create();
      const first = random.bytes(16);
      const copy = first.slice();
      random.bytes(16).fill(0);
      expect(first).toEqual(copy);
    });
  });
}
