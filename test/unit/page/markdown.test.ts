import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarkdown, safeHref, type Block, type Inline } from '../../../src/markdown/parse.ts';

const CID = `blake3:${'ab'.repeat(32)}`;
const links = (parts: readonly Inline[]): string[] =>
  parts.flatMap((part) =>
    part.type === 'link' ? [part.href] : 'children' in part ? links(part.children) : [],
  );
function allLinks(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    switch (block.type) {
      case 'paragraph':
      case 'heading':
        return links(block.children);
      case 'quote':
        return allLinks(block.children);
      case 'list':
        return block.items.flatMap((item) => allLinks(item.children));
      case 'table':
        return [...block.header, ...block.rows.flat()].flatMap(links);
      default:
        return [];
    }
  });
}

describe('markdown from elsewhere', () => {
  it('becomes blocks and marks', () => {
    expect(parseMarkdown('# A *b*\n\n- [x] one\n- [ ] two\n\n> q\n\n```py\nx = 1\n```\n\n---')).toEqual([
      {
        type: 'heading',
        level: 1,
        children: [
          { type: 'text', text: 'A ' },
          { type: 'em', children: [{ type: 'text', text: 'b' }] },
        ],
      },
      {
        type: 'list',
        ordered: false,
        start: 1,
        items: [
          { done: true, children: [{ type: 'paragraph', children: [{ type: 'text', text: 'one' }] }] },
          { done: false, children: [{ type: 'paragraph', children: [{ type: 'text', text: 'two' }] }] },
        ],
      },
      { type: 'quote', children: [{ type: 'paragraph', children: [{ type: 'text', text: 'q' }] }] },
      { type: 'code', text: 'x = 1', language: 'py' },
      { type: 'rule' },
    ]);
  });

  it('tags in it are text', () => {
    const shown = JSON.stringify(
      parseMarkdown('<script>alert(1)</script>\n\na <b onclick=x>b</b> &lt;c&gt;'),
    );
    expect(shown).toContain('<script>alert(1)</script>');
    expect(shown).toContain('<b onclick=x>');
    expect(shown).toContain('<c>');
  });

  it('only addresses that can do no harm are links, images are links too, and a CID leads to its contribution', () => {
    for (const bad of [
      'javascript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      '/a',
      '#/join/x',
      'file:///x',
      'blob:x',
    ])
      expect(allLinks(parseMarkdown(`[a](${bad}) ![b](${bad}) <${bad}>`) ?? []), bad).toEqual([]);
    expect(
      allLinks(parseMarkdown(`[a](https://a.example/x) ![b](https://b.example/i.png) [c](${CID})`) ?? []),
    ).toEqual(['https://a.example/x', 'https://b.example/i.png', CID]);
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true }), fc.string(), (url, text) => {
        for (const href of allLinks(parseMarkdown(`${text} [x](${url}) <${text}>`) ?? []))
          expect(safeHref(href)).toBe(href);
      }),
    );
  });

  it('what is too long or nested too deeply is shown as it is, and nothing hangs or throws', () => {
    expect(parseMarkdown('a'.repeat(20_001))).toBeNull();
    for (const piece of [
      '[',
      '![',
      '*',
      '_',
      '`',
      '>',
      '- ',
      '|',
      '<',
      '~',
      '\\',
      '&',
      '# ',
      '1. ',
      '[a](',
      '**a',
      '|-',
    ]) {
      const started = performance.now();
      parseMarkdown(piece.repeat(Math.floor(20_000 / piece.length)));
      parseMarkdown(`${piece}a\n`.repeat(Math.floor(20_000 / (piece.length + 2))));
      // Not a figure: it tells minutes from what a reader doesn't notice.
      expect(performance.now() - started, piece).toBeLessThan(20_000);
    }
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (text) => {
        parseMarkdown(text);
      }),
    );
  });

  it('text of so many marks that it would hold the page up is shown as it is, and much markup is not', () => {
    for (const piece of ['!', '_a_', '<', '[', '\\', '**a']) {
      expect(parseMarkdown(piece.repeat(Math.floor(20_000 / piece.length))), piece).toBeNull();
      expect(parseMarkdown(piece.repeat(500)), piece).not.toBeNull();
    }
    expect(
      parseMarkdown('some *words* with a [link](https://a.example) in them\n\n'.repeat(300)),
    ).not.toBeNull();
  });
});
