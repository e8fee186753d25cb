import { expect, describe, it, vi } from 'vitest';
import fc from 'fast-check';
import { MOST_ROWS, parseTable } from '../../../src/preview/csv.ts';
import { diff, diffTexts, folded } from '../../../src/preview/diff.ts';
import { highlight } from '../../../src/preview/highlight.ts';
import { languageOf } from '../../../src/preview/languages.ts';
import { previewOf, TEXT_LIMIT, type Preview } from '../../../src/preview/told.ts';
import { earlierFiles } from '../../../src/state/earlier.ts';
import type { Contribution } from '../../../worker/rpc/api.ts';
import { fakePeer } from './fake-peer.ts';

const look = (name: string, content: string | Uint8Array<ArrayBuffer>): Promise<Preview> => {
  const blob = new Blob([content]);
  return previewOf(name, blob.size, ({ start, end } = { start: 0, end: blob.size }) =>
    Promise.resolve(blob.slice(start, end)),
  );
};

describe('what a file is', () => {
  it('is told by its bytes and never by its name', async () => {
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]);
    expect(await look('page.html', png)).toMatchObject({ type: 'image', blob: { type: 'image/png' } });
    expect(await look('photo.png', '<svg onload="x"/>')).toMatchObject({ type: 'text', shape: null });
    expect(await look('photo.svg', '<svg onload="x"/>')).toMatchObject({ type: 'text' });
    expect(await look('a.mp3', new Uint8Array([0, 1, 2]))).toEqual({ type: 'none', why: 'type' });
    expect(await look('a.txt', '%PDF-1.7 …')).toEqual({ type: 'none', why: 'pdf' });
    expect(await look('a.bin', '\0\0\0\x18ftypisom')).toMatchObject({ blob: { type: 'video/mp4' } });
    expect(await look('a.bin', 'RIFF\x01\x01\x01\x01WAVEfmt ')).toMatchObject({
      blob: { type: 'audio/wav' },
    });
  });

  it('of a text chooses by name among ways to show it, and JSON by trying', async () => {
    expect(await look('a.csv', 'a;b\n1;2,5\n')).toMatchObject({ shape: 'table', separator: ';' });
    expect(await look('README.md', '# x')).toMatchObject({ shape: 'markdown' });
    expect(await look('log', ' {"a": [1]}')).toMatchObject({ shape: 'json' });
    expect(await look('log', '{"a": [1}')).toMatchObject({ shape: null });
  });

  it('is read up to 256 KiB of a text, though a character be cut in two', async () => {
    const read = vi.fn(() => Promise.resolve(new Blob([`a${'é'.repeat(TEXT_LIMIT)}`]).slice(0, TEXT_LIMIT)));
    const preview = await previewOf('a.txt', 2 * TEXT_LIMIT + 1, read);
    expect(preview).toMatchObject({ type: 'text', cut: true });
    expect(read.mock.calls).toEqual([[{ start: 0, end: TEXT_LIMIT }]]);
  });

  it('is not read as a whole where it is too large to be shown', async () => {
    const read = vi.fn(() => Promise.resolve(new Blob(['GIF89a'])));
    expect(await previewOf('a.gif', 2 ** 30, read)).toEqual({ type: 'none', why: 'large' });
    expect(read).toHaveBeenCalledTimes(1);
  });
});

describe('a program', () => {
  it('is told by the end of its name, and coloured without losing or changing a character', () => {
    expect(languageOf('src/train.PY')).toBe('python');
    expect(['notes', 'a.txt', 'toString', 'a.constructor'].map(languageOf)).toEqual([null, null, null, null]);
    const text = 'def f(x):\r\n    # <b>one</b> &amp;\n    return "s" + 0.02\n';
    const runs = highlight(text, 'python');
    expect(runs.map((run) => run.text).join('')).toBe(text);
    const scopeOf = (piece: string) => runs.find((run) => run.text.includes(piece))?.scope;
    expect(['def', 'return', 'f', '# <b>one</b> &amp;', '"s"', '0.02', '(x)'].map(scopeOf)).toEqual([
      'keyword',
      'keyword',
      'keyword',
      'comment',
      'string',
      'number',
      null,
    ]);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('python', 'xml', 'yaml', 'cpp'),
        (any, language) => {
          expect(
            highlight(any, language)
              .map((run) => run.text)
              .join(''),
          ).toBe(any);
        },
      ),
    );
  });
});

describe('a table', () => {
  it('has quoted fields with separators, line ends and quotes in them', () => {
    expect(parseTable('name,n\r\n"a ""b"", c\nd",-1.5e3\r\n,2', ',')).toEqual({
      header: ['name', 'n'],
      rows: [
        ['a "b", c\nd', '-1.5e3'],
        ['', '2'],
      ],
      more: false,
      numeric: [false, true],
    });
    expect(parseTable('a,b\n1,\n', ',')?.rows).toEqual([['1', '']]);
  });

  it('is none where quotes do not match or lines have other fields', () => {
    for (const bad of ['a,b\n"1,2\n', 'a,b\n"1"x,2\n', 'a,b\n1"2,3\n', 'a,b\n1\n', ''])
      expect(parseTable(bad, ','), bad).toBeNull();
  });

  it('ends before a line that was cut, and after so many rows', () => {
    expect(parseTable('a,b\n1,2\n3,"4', ',', true)).toMatchObject({ rows: [['1', '2']], more: true });
    expect(parseTable('a,b\n1,2\n3,4', ',', true)).toMatchObject({ rows: [['1', '2']], more: true });
    const long = parseTable(`a\n${'1\n'.repeat(MOST_ROWS + 5)}`, ',');
    expect(long?.rows).toHaveLength(MOST_ROWS);
    expect(long?.more).toBe(true);
  });

  it('gives back whatever was written as one', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '1', '"', ',', '\n', '\r\n', ' ') });
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 9 }), (rows) => {
        const text = rows.map((row) => row.map(quote).join(',')).join('\n');
        const table = parseTable(text, ',');
        expect([table?.header, ...(table?.rows ?? [])]).toEqual(rows);
      }),
    );
  });
});

describe('a comparison', () => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 });

  it('makes each text out of the other, by as few edits as there can be', () => {
    const longest = (a: readonly string[], b: readonly string[]): number =>
      a
        .reduce<number[]>(
          (above, x) =>
            b.reduce<number[]>(
              (row, y, j) => [
                ...row,
                x === y ? (above[j] ?? 0) + 1 : Math.max(above[j + 1] ?? 0, row[j] ?? 0),
              ],
              [0],
            ),
          new Array<number>(b.length + 1).fill(0),
        )
        .at(-1) ?? 0;
    fc.assert(
      fc.property(list, list, (before, after) => {
        const changes = diff(before, after, 60) ?? [];
        const without = (type: string): string[] =>
          changes.filter((change) => change.type !== type).flatMap(({ items }) => items);
        expect(without('added')).toEqual(before);
        expect(without('removed')).toEqual(after);
        const same = changes.filter(({ type }) => type === 'same').flatMap(({ items }) => items);
        expect(same).toHaveLength(longest(before, after));
      }),
    );
  });

  it('numbers lines as before and now, and marks the words that changed in lines that were replaced', () => {
    const told = diffTexts('x\nlr = 0.02 # seed\ny\n', 'x\nlr = 0.03 # seed\ny\nz\n');
    expect(told).toMatchObject({ removed: 1, added: 2 });
    expect(told?.lines.map(({ type, before, after }) => [type, before, after])).toEqual([
      ['same', 1, 1],
      ['removed', 2, null],
      ['added', null, 2],
      ['same', 3, 3],
      ['added', null, 4],
    ]);
    const marked = told?.lines.map(({ words }) => words.filter(({ changed }) => changed));
    expect(marked?.flat().map(({ text }) => text)).toEqual(['02', '03']);
  });

  it('gives up on texts that differ in too much', () => {
    const lines = (prefix: string): string =>
      Array.from({ length: 3000 }, (_, i) => `${prefix}${i}`).join('\n');
    expect(diffTexts(lines('a'), lines('b'))).toBeNull();
  });

  it('folds away what is far from any change', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
    const told = diffTexts(lines.join('\n'), lines.with(10, 'new').join('\n'));
    expect(folded(told?.lines ?? []).map(({ type, lines: { length } }) => [type, length])).toEqual([
      ['gap', 7],
      ['lines', 8],
      ['gap', 6],
    ]);
  });

  it('is against files of that name in what the contribution derives from, as far as that is known', async () => {
    const file = { name: 'train.py', hash: 'blake3:aa', size: 1, mediaType: '', held: true, received: 1 };
    const contribution = (_grove: string, cid: string): Promise<Contribution> =>
      cid === 'lost'
        ? Promise.reject(new Error('not here'))
        : Promise.resolve({
            cid,
            summary: cid,
            body: cid !== 'bare',
            files: cid === 'other' ? [] : [file],
          } as Contribution);
    const edge = (cid: string, relationType = 'derives_from') =>
      ({ cid, relationType }) as Contribution['outgoing'][number];
    const outgoing = [edge('lost'), edge('bare'), edge('parent'), edge('other'), edge('seen', 'reviews')];
    const found = await earlierFiles(fakePeer({ contribution }).thicket, 'g', { outgoing }, 'train.py');
    expect(found.map(({ cid }) => cid)).toEqual(['parent']);
  });
});
