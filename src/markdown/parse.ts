// Markdown as a tree of plain data: the only importer of marked, of which only the lexer is used. No HTML is made on the
// way to the screen, so none can be smuggled in: tags in a text are text. Pure.
import { lexer, type Token, type Tokens } from 'marked';
import { visible } from '../text.ts';

export type Inline =
  | { type: 'text'; text: string }
  | { type: 'code'; text: string }
  | { type: 'strong' | 'em' | 'del'; children: Inline[] }
  | { type: 'break' }
  /** `cid`: a contribution of this app; else an address that was checked. */
  | { type: 'link'; href: string; cid: boolean; children: Inline[] };

export type Block =
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'heading'; level: number; children: Inline[] }
  | { type: 'code'; text: string; language: string }
  | { type: 'quote'; children: Block[] }
  | { type: 'list'; ordered: boolean; start: number; items: { done: boolean | null; children: Block[] }[] }
  | { type: 'table'; header: Inline[][]; rows: Inline[][][] }
  | { type: 'rule' };

/** Longer texts are shown as they are: some of the lexer's rules take time that grows with the square of the length. */
const MOST = 20_000;
/** What those rules look at. Prose has one in a dozen characters; 20,000 of `!` alone would hold the page up for a second. */
const MARKS = /[*_![\]<>`\\~]/g;
const MOST_MARKS = 2_000;
const DEPTH = 12;
const CID = /^blake3:[0-9a-f]{64}$/;
const SCHEMES = new Set(['http:', 'https:', 'mailto:']);
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Null where the text is too long, has too many marks, or is nested so deeply that it is no prose: then it is shown as it is. */
export function parseMarkdown(text: string): Block[] | null {
  if (text.length > MOST || (text.match(MARKS)?.length ?? 0) > MOST_MARKS) return null;
  try {
    return blocks(lexer(visible(text), { gfm: true }), DEPTH);
  } catch {
    return null; // nested beyond the stack
  }
}

/** The address where it may be followed, or null. */
export function safeHref(href: string): string | null {
  if (CID.test(href)) return href;
  try {
    const url = new URL(href);
    return SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null; // relative addresses would lead into this app
  }
}

const plain = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);

const asText = (raw: string): Inline[] => (raw === '' ? [] : [{ type: 'text', text: plain(raw) }]);

function blocks(tokens: readonly Token[], depth: number): Block[] {
  return tokens.flatMap((token): Block[] => {
    if (depth === 0) return [{ type: 'paragraph', children: asText(token.raw) }];
    switch (token.type) {
      case 'space':
      case 'def':
        return [];
      case 'hr':
        return [{ type: 'rule' }];
      case 'heading': {
        const { depth: level, tokens: inner } = token as Tokens.Heading;
        return [{ type: 'heading', level, children: inlines(inner, depth) }];
      }
      case 'code': {
        const { text, lang = '' } = token as Tokens.Code;
        return [{ type: 'code', text, language: lang.split(/\s/)[0] ?? '' }];
      }
      case 'blockquote':
        return [{ type: 'quote', children: blocks((token as Tokens.Blockquote).tokens, depth - 1) }];
      case 'list': {
        const { ordered, start, items } = token as Tokens.List;
        return [
          {
            type: 'list',
            ordered,
            start: start === '' ? 1 : start,
            items: items.map(({ task, checked = false, tokens: inner }) => ({
              done: task ? checked : null,
              children: blocks(
                inner.filter(({ type }) => type !== 'checkbox'),
                depth - 1,
              ),
            })),
          },
        ];
      }
      case 'table': {
        const { header, rows } = token as Tokens.Table;
        const cell = ({ tokens: inner }: Tokens.TableCell): Inline[] => inlines(inner, depth);
        return [{ type: 'table', header: header.map(cell), rows: rows.map((row) => row.map(cell)) }];
      }
      case 'paragraph':
      case 'text': {
        const { tokens: inner } = token as Tokens.Paragraph | Tokens.Text;
        return [{ type: 'paragraph', children: inner ? inlines(inner, depth) : asText(token.raw) }];
      }
      default: // tags, and what a later lexer knows
        return token.raw.trim() === '' ? [] : [{ type: 'paragraph', children: asText(token.raw) }];
    }
  });
}

function inlines(tokens: readonly Token[], depth: number): Inline[] {
  return tokens.flatMap((token): Inline[] => {
    if (depth === 0) return asText(token.raw);
    switch (token.type) {
      case 'br':
        return [{ type: 'break' }];
      case 'codespan':
        return [{ type: 'code', text: (token as Tokens.Codespan).text }];
      case 'escape':
        return asText((token as Tokens.Escape).text);
      case 'strong':
      case 'em':
      case 'del':
        return [
          {
            type: token.type,
            children: inlines((token as Tokens.Strong | Tokens.Em | Tokens.Del).tokens, depth - 1),
          },
        ];
      // Images are links: looking at a text asks no stranger for anything.
      case 'link':
      case 'image': {
        const { href, text, tokens: inner } = token as Tokens.Link | Tokens.Image;
        const children =
          token.type === 'link' ? inlines(inner, depth - 1) : asText(text === '' ? href : text);
        const safe = safeHref(href);
        return safe === null
          ? asText(token.raw)
          : [{ type: 'link', href: safe, cid: CID.test(safe), children }];
      }
      case 'text': {
        const { tokens: inner, text } = token as Tokens.Text;
        return inner ? inlines(inner, depth - 1) : asText(text);
      }
      default:
        return asText(token.raw);
    }
  });
}
