// The media type of an artifact by its name, for files whose origin tells none. A hint for display, never trusted.

const TYPES: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  bin: 'application/octet-stream',
  c: 'text/plain',
  css: 'text/css',
  csv: 'text/csv',
  diff: 'text/plain',
  gif: 'image/gif',
  go: 'text/plain',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  ipynb: 'application/x-ipynb+json',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  log: 'text/plain',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  patch: 'text/plain',
  pdf: 'application/pdf',
  png: 'image/png',
  py: 'text/x-python',
  rs: 'text/plain',
  sh: 'text/plain',
  svg: 'image/svg+xml',
  toml: 'text/plain',
  ts: 'text/plain',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  wasm: 'application/wasm',
  webm: 'video/webm',
  webp: 'image/webp',
  xml: 'application/xml',
  yaml: 'text/plain',
  yml: 'text/plain',
  zip: 'application/zip',
};

/** At most 64 printable ASCII characters (M10). */
const isMediaType = (text: string): boolean => /^[\x21-\x7e][\x20-\x7e]{0,63}$/.test(text);

/** `given` is what the browser says of a Blob, often empty. */
export function mediaTypeOf(name: string, given: string): string {
  if (isMediaType(given)) return given;
  const extension = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return (Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined) ?? 'application/octet-stream';
}
