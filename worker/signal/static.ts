// Serves the files of one directory over HTTP: GET and HEAD, nothing outside it, nothing hidden. Must not know sockets.
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { headersFor } from './headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8', // thicket.d.ts, for people to read; the registered type would be video
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

interface Found {
  file: string;
  size: number;
  etag: string;
}

/** A handler that answers every request. It rejects only where the connection breaks under it. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** `dir` is an existing directory. Files may change while it is served. */
export async function createStatic(dir: string): Promise<Handler> {
  const root = await realpath(dir);

  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      reply(response, 405, 'Only GET and HEAD.', { Allow: 'GET, HEAD' });
      return;
    }
    const segments = segmentsOf(request.url ?? '');
    const path = segments && pathOf(segments, request);
    const found = path && (await find(join(root, ...path)));
    if (!path || !found) {
      reply(response, 404, 'Not found.');
      return;
    }
    await send(request, response, path, found);
  };

  async function find(file: string): Promise<Found | null> {
    try {
      const real = await realpath(file);
      if (!real.startsWith(root + sep)) return null;
      const { size, mtimeMs, ...facts } = await stat(real);
      if ((facts.mode & 0o170000) !== 0o100000) return null;
      return { file: real, size, etag: `W/"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"` };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}

/** Plain text, with the headers that every response of the app has. */
export function reply(
  response: ServerResponse,
  status: number,
  text: string,
  extra: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headersFor('/'),
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
    ...extra,
  });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

/**
 * The decoded segments of a request's path, or null where one of them is not the plain name of something visible.
 * Decoding after splitting is what keeps an encoded slash from making two segments of one.
 */
function segmentsOf(url: string): string[] | null {
  const path = /^(\/[^?#]*)/.exec(url)?.[1];
  if (path === undefined) return null;
  const segments: string[] = [];
  for (const raw of path.slice(1).split('/')) {
    const segment = decode(raw);
    if (segment === null || segment.startsWith('.') || /[/\\\0]/.test(segment)) return null;
    segments.push(segment);
  }
  if (segments.at(-1) === '') segments.pop();
  return segments.includes('') ? null : segments;
}

function decode(raw: string): string | null {
  try {
    return decodeURIComponent(raw);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** A navigation to a path of the app's own, which no file has, gets the app. */
function pathOf(segments: readonly string[], request: IncomingMessage): readonly string[] {
  const last = segments.at(-1);
  if (last === undefined) return ['index.html'];
  const navigates =
    request.headers['sec-fetch-mode'] === 'navigate' || /\btext\/html\b/.test(request.headers.accept ?? '');
  return navigates && extname(last) === '' ? ['index.html'] : segments;
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  path: readonly string[],
  { file, size, etag }: Found,
): Promise<void> {
  const headers = { ...headersFor('/' + path.join('/')), ETag: etag };
  if (matchesTag(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const type = TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream';
  response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': size });
  if (request.method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  await pipeline(createReadStream(file, { end: size - 1 }), response);
}

function matchesTag(given: string | undefined, etag: string): boolean {
  return given !== undefined && given.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*');
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return (
    code === 'ENOENT' ||
    code === 'ENOTDIR' ||
    code === 'ENAMETOOLONG' ||
    code === 'EACCES' ||
    code === 'ELOOP'
  );
}
