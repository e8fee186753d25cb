import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safePaths, slug } from '../../../src/files/paths.ts';

const pathOf = (name: string): string | undefined => safePaths([name]).get(name);

describe('artifact names as paths', () => {
  it.each([
    ['a.txt', 'a.txt'],
    ['dir/sub dir/x-1_2.tar.gz', 'dir/sub dir/x-1_2.tar.gz'],
    ['repo/.git/config', 'repo/_.git/config'],
    ['a/..b', 'a/_..b'],
    ['a.', 'a._'],
    ['a /b ', 'a _/b _'],
    ['con', '_con'],
    ['NUL.txt', '_NUL.txt'],
    ['lpt1/x', '_lpt1/x'],
    ['console', 'console'],
    [`${'x'.repeat(250)}.json`, `${'x'.repeat(195)}.json`],
  ])('C24: %s is safe as %s', (name, path) => {
    expect(pathOf(name)).toBe(path);
  });

  it('C24: whatever a name is, its path leads into the folder and nowhere else', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary', maxLength: 40 }),
            fc.stringMatching(/^[aA.~/ ]{1,12}$/),
            fc.constantFrom('../x', '/etc/passwd', 'C:\\x', '..', '', 'a/../../b'),
          ),
          { maxLength: 30 },
        ),
        (names) => {
          const paths = safePaths(names);
          expect(new Set(paths.keys())).toEqual(new Set(names));
          const seen = new Set<string>();
          for (const path of paths.values()) {
            for (const segment of path.split('/'))
              expect(segment).toMatch(/^[A-Za-z0-9_~ -][A-Za-z0-9._~ -]*(?<![. ])$/);
            expect(seen.has(path.toLowerCase())).toBe(false);
            seen.add(path.toLowerCase());
          }
          // A file is no folder of another.
          for (const path of seen)
            for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
              expect(seen.has(path.slice(0, at))).toBe(false);
        },
      ),
      { seed: 24, numRuns: 300 },
    );
  });

  it('C24: names that differ by case, or of which one is a folder of the other, part ways by ~2', () => {
    expect([...safePaths(['a.txt', 'A.txt', 'a.TXT'])]).toEqual([
      ['A.txt', 'A.txt'],
      ['a.TXT', 'a~2.TXT'],
      ['a.txt', 'a~3.txt'],
    ]);
    expect([...safePaths(['data/x', 'data', 'DATA'])]).toEqual([
      ['DATA', 'DATA'],
      ['data', 'data~2'],
      ['data/x', 'data~3/x'],
    ]);
    expect(safePaths(['B/x', 'b']).get('b')).toBe('b~2');
  });

  it('C24: the order in which names come makes no difference', () => {
    const names = ['x', 'X', 'x/y', 'X/y', 'x~2', 'con', '_con'];
    expect(safePaths([...names].reverse())).toEqual(safePaths(names));
  });

  it('a summary as part of a name is plain and short', () => {
    expect(slug('ReLU², zero-init: “better”?!')).toBe('relu2-zero-init-better');
    expect(slug('木村')).toBe('');
    expect(slug('x'.repeat(500))).toHaveLength(40);
  });
});
