import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brief, visible } from '../../../src/text.ts';

describe('text of peers', () => {
  it('writes bidirectional and other invisible controls out', () => {
    expect(visible('abc\u202egnp.exe')).toBe('abc⟨U+202E⟩gnp.exe');
    expect(visible('a\u200bb\u0000c')).toBe('a⟨U+200B⟩b⟨U+0000⟩c');
  });

  it('leaves line breaks and the joiners of scripts and emoji alone', () => {
    expect(visible('one\r\ntwo\tthree')).toBe('one\ntwo\tthree');
    expect(visible('👩\u200d🔬')).toBe('👩\u200d🔬');
  });

  it('leaves no control behind, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/u);
      }),
    );
  });

  it('cuts between characters, never inside one, and says that it did', () => {
    expect(brief('🌱🌱🌱🌱', 3)).toBe('🌱🌱…');
    expect(brief('  two   words ', 20)).toBe('two words');
  });
});
