// What may be shown of an artifact: plain text and raster images, told by their bytes and never by their claimed type.

export type Preview =
  | { type: 'text'; text: string; cut: boolean }
  /** Of a type that we set; an image that could run script (SVG) is never one. */
  | { type: 'image'; blob: Blob }
  | { type: 'none' };

export const TEXT_LIMIT = 64 * 1024;

const MAGIC: readonly [string, readonly (number | null)[]][] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
  ['image/avif', [null, null, null, null, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66]],
];

/** `read` gives a range of it, or all. Of what is no image only the beginning is read, however much there is. */
export async function previewOf(
  size: number,
  read: (range?: { start: number; end: number }) => Promise<Blob>,
): Promise<Preview> {
  const bytes = new Uint8Array(await (await read({ start: 0, end: TEXT_LIMIT })).arrayBuffer());
  const image = MAGIC.find(([, magic]) => magic.every((byte, i) => byte === null || byte === bytes[i]));
  if (image !== undefined) return { type: 'image', blob: new Blob([await read()], { type: image[0] }) };
  const cut = size > TEXT_LIMIT;
  const text = decode(bytes, cut);
  if (text === null) return { type: 'none' };
  return cut ? { type: 'text', text, cut } : { type: 'text', text: tidy(text), cut };
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

/** JSON is indented; whatever does not parse stays as it is. */
function tidy(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Saves bytes to disk under a plain name, as a type that no browser would open in our origin. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name.split('/').at(-1) ?? 'artifact';
  link.click();
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
