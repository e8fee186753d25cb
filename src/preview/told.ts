// What may be shown of an artifact, and how: told by its bytes, never by the type it claims. Its name only chooses among
// ways to show a text. Knows neither the page nor the peer.

/** How a text can be shown beside being shown as it is. */
export type Shape = 'table' | 'json' | 'markdown';

export type Preview =
  /** `separator`: between the fields of a table. */
  | { type: 'text'; text: string; cut: boolean; shape: Shape | null; separator: Separator }
  /** Of a type that we set; an image that could run script (SVG) is never one. */
  | { type: 'image' | 'audio' | 'video'; blob: Blob }
  /** `pdf`: browsers open it only with rights that nothing of a peer's gets. */
  | { type: 'none'; why: 'type' | 'pdf' | 'large' };

export type Separator = ',' | ';' | '\t';
export type Read = (range?: { start: number; end: number }) => Promise<Blob>;

/** Bytes that are read of a text, however long it is. */
export const TEXT_LIMIT = 256 * 1024;
/** Bytes. What is shown as a whole is held in memory as a whole. */
const LARGEST = { image: 32 * 1024 * 1024, audio: 128 * 1024 * 1024, video: 128 * 1024 * 1024 } as const;

type Magic = readonly (number | null)[];
const ascii = (text: string): Magic => Array.from(text, (char) => char.charCodeAt(0));
const at = (offset: number, text: string): Magic => [...Array<null>(offset).fill(null), ...ascii(text)];
const riff = (form: string): Magic => [...ascii('RIFF'), null, null, null, null, ...ascii(form)];

const MAGIC: readonly (readonly [keyof typeof LARGEST, string, Magic])[] = [
  ['image', 'image/png', [0x89, ...ascii('PNG')]],
  ['image', 'image/jpeg', [0xff, 0xd8, 0xff]],
  ['image', 'image/gif', ascii('GIF8')],
  ['image', 'image/webp', riff('WEBP')],
  ['image', 'image/avif', at(4, 'ftypavi')],
  ['audio', 'audio/wav', riff('WAVE')],
  ['audio', 'audio/mpeg', ascii('ID3')],
  ['audio', 'audio/mpeg', [0xff, 0xfb]],
  ['audio', 'audio/mpeg', [0xff, 0xf3]],
  ['audio', 'audio/flac', ascii('fLaC')],
  ['audio', 'audio/ogg', ascii('OggS')],
  ['audio', 'audio/mp4', at(4, 'ftypM4A')],
  ['video', 'video/mp4', at(4, 'ftyp')],
  ['video', 'video/webm', [0x1a, 0x45, 0xdf, 0xa3]],
];
const PDF = ascii('%PDF-');

const begins = (bytes: Uint8Array, magic: Magic): boolean =>
  magic.every((byte, i) => byte === null || byte === bytes[i]);

/** `read` gives a range of it, or all. Of what is no picture or sound only the beginning is read. */
export async function previewOf(name: string, size: number, read: Read): Promise<Preview> {
  const bytes = new Uint8Array(await (await read({ start: 0, end: TEXT_LIMIT })).arrayBuffer());
  const [type, media] = MAGIC.find(([, , magic]) => begins(bytes, magic)) ?? [];
  if (type !== undefined && media !== undefined) {
    if (size > LARGEST[type]) return { type: 'none', why: 'large' };
    return { type, blob: new Blob([await read()], { type: media }) };
  }
  if (begins(bytes, PDF)) return { type: 'none', why: 'pdf' };
  const cut = size > TEXT_LIMIT;
  const text = decode(bytes, cut);
  if (text === null) return { type: 'none', why: 'type' };
  const separator = separatorOf(name, text);
  return { type: 'text', text, cut, shape: shapeOf(name, text, cut), separator };
}

/** The beginning of a text, or null where it is none. */
export async function textOf(read: Read): Promise<string | null> {
  const bytes = new Uint8Array(await (await read({ start: 0, end: TEXT_LIMIT })).arrayBuffer());
  return decode(bytes, bytes.length === TEXT_LIMIT);
}

export const endingOf = (name: string): string => /\.([a-z0-9]{1,12})$/i.exec(name)?.[1]?.toLowerCase() ?? '';

function shapeOf(name: string, text: string, cut: boolean): Shape | null {
  const ending = endingOf(name);
  if (ending === 'csv' || ending === 'tsv') return 'table';
  if (ending === 'md' || ending === 'markdown') return 'markdown';
  return !cut && /^\s*[[{]/.test(text) && isJson(text) ? 'json' : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What stands most often in the first line. */
function separatorOf(name: string, text: string): Separator {
  if (endingOf(name) === 'tsv') return '\t';
  const line = text.slice(0, 4096).split('\n', 1)[0] ?? '';
  const times = (separator: Separator): number => line.split(separator).length;
  const [best] = ([',', ';', '\t'] as const).toSorted((a, b) => times(b) - times(a));
  return best ?? ',';
}

/** Null unless it is UTF-8 text; a character cut in two at the end of a slice is forgiven. */
function decode(bytes: Uint8Array, cut: boolean): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}
