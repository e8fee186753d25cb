// Tables of separated fields (RFC 4180): quoted fields, doubled quotes, either line end. Bounded; anything that is not
// plainly such a table is none. Pure.
import type { Separator } from './told.ts';

export interface Table {
  header: string[];
  rows: string[][];
  /** Rows or columns were left out. */
  more: boolean;
  /** By column: all its values are numbers, or empty. */
  numeric: boolean[];
}

export const MOST_ROWS = 500;
export const MOST_COLUMNS = 50;

/** `cut`: the text ends anywhere, so its last line doesn't count. Null where quotes do not match or a line has other fields. */
export function parseTable(text: string, separator: Separator, cut = false): Table | null {
  const lines: string[][] = [];
  let more = false;
  for (const line of records(text, separator, cut)) {
    if (line === null) return null;
    if (lines.length > MOST_ROWS) {
      more = true;
      break;
    }
    // One empty line at the end, or between, says nothing.
    if (line.length > 1 || line[0] !== '') lines.push(line);
  }
  const [header, ...rows] = lines;
  if (header === undefined || rows.some((row) => row.length !== header.length)) return null;
  const columns = Math.min(header.length, MOST_COLUMNS);
  const clipped = rows.map((row) => row.slice(0, columns));
  return {
    header: header.slice(0, columns),
    rows: clipped,
    more: more || cut || header.length > columns,
    numeric: Array.from({ length: columns }, (_, i) => clipped.every((row) => isNumber(row[i] ?? ''))),
  };
}

const isNumber = (text: string): boolean => /^\s*(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)?\s*$/i.test(text);

/** Record by record; null, and nothing more, where quotes are not as they should be. */
function* records(text: string, separator: Separator, cut: boolean): Generator<string[] | null> {
  let fields: string[] = [];
  let from = text.startsWith('\ufeff') ? 1 : 0;
  while (from < text.length) {
    const field = text[from] === '"' ? quoted(text, from) : bare(text, from, separator);
    if (field === null) {
      if (!cut) yield null;
      return;
    }
    fields.push(field.value);
    from = field.end;
    if (text[from] === separator) {
      from += 1;
      if (from < text.length) continue;
      fields.push('');
    }
    const ended = lineEnd(text, from);
    if (ended === from && from < text.length) {
      yield null; // something behind a closing quote
      return;
    }
    if (ended === from && cut) return;
    yield fields;
    fields = [];
    from = ended;
  }
}

interface Part {
  value: string;
  /** Where what follows begins. */
  end: number;
}

function quoted(text: string, from: number): Part | null {
  let value = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return null;
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}

function bare(text: string, from: number, separator: Separator): Part | null {
  let end = from;
  while (end < text.length && text[end] !== separator && lineEnd(text, end) === end) {
    if (text[end] === '"') return null;
    end += 1;
  }
  return { value: text.slice(from, end), end };
}

/** Behind the line end at a place, or that place where none is. */
function lineEnd(text: string, at: number): number {
  if (text[at] === '\n') return at + 1;
  return text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : at;
}
