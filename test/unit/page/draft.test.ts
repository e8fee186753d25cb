// Files in the form for a contribution: what is refused beside its field, before anything is asked of the peer.
import { describe, expect, it } from 'vitest';
import { Draft } from '../../../src/state/draft.svelte.ts';
import { strings } from '../../../src/strings.ts';

const { compose } = strings;

function draftOf(...names: string[]): Draft {
  const draft = new Draft(
    { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
    'g',
    [],
  );
  draft.summary = 'Files';
  draft.files = names.map((name, i) => ({ name, file: new File([String(i)], 'file') }));
  return draft;
}

describe('files of a draft', () => {
  it.each([
    ['a name with ..', ['a/../b'], compose.fileBad('a/../b')],
    ['an absolute path', ['/etc/passwd'], compose.fileBad('/etc/passwd')],
    ['a control character', ['a\u0007b'], compose.fileBad('a\u0007b')],
    ['two of one name', ['a.txt', 'b.txt', 'a.txt'], compose.fileTwice('a.txt')],
    ['1001 of them', Array.from({ length: 1001 }, (_, i) => `f${i}`), compose.filesTooMany(1000)],
  ])('C22: %s: refused, with the reason beside the files', (_, names, reason) => {
    const draft = draftOf(...names);
    expect(draft.build()).toBeNull();
    expect(draft.errors.artifacts).toBe(reason);
  });

  it('C22: a thousand are taken, empty ones and such as objects have among them', () => {
    const names = ['constructor', 'toString', ...Array.from({ length: 998 }, (_, i) => `f${i}`)];
    const draft = draftOf(...names);
    draft.files[2] = { name: 'f0', file: new File([], 'empty') };
    expect(Object.keys(draft.build()?.artifacts ?? {})).toEqual(names);
    expect(draft.errors).toEqual({});
  });

  it('C22: files that come with a name that is taken get another', () => {
    const draft = draftOf('a.txt');
    draft.addFiles([{ path: 'a.txt', file: new File([], 'a.txt') }]);
    expect(new Set(draft.files.map(({ name }) => name)).size).toBe(2);
    expect(Object.keys(draft.build()?.artifacts ?? {})).toHaveLength(2);
  });
});
