// The app's files as the real server sends them, asked for by paths that no browser would send.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HEADER_RULES } from '../../worker/signal/headers.ts';
import { startServer } from '../../worker/signal/server.ts';
import type { SignalServer } from '../../worker/signal/server.ts';

const local = { host: '127.0.0.1', log: () => undefined };

describe('static files', () => {
  let dir: string;
  let server: SignalServer;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'thicket-static-'));
    await writeFile(join(dir, 'secret.txt'), 'outside');
    await mkdir(join(dir, 'dist/assets'), { recursive: true });
    const files = {
      'index.html': '<!doctype html><title>app</title>',
      'peer.js': 'export {};',
      'sw.js': '1;',
      'empty.txt': '',
      'manifest.webmanifest': '{}',
      'thicket.d.ts': 'export {};',
      '.hidden': 'hidden',
      'assets/index-abc.js': 'export {};',
      'assets/hash-abc.wasm': '\0asm',
      'assets/icon.svg': '<svg/>',
      'assets/data.json': '{}',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, 'dist', name), text);
    await symlink(join(dir, 'secret.txt'), join(dir, 'dist/link.txt'));
  });
  afterAll(() => rm(dir, { recursive: true }));
  beforeEach(async () => {
    server = await startServer({ ...local, port: 0, dir: join(dir, 'dist') });
  });
  afterEach(() => server.close());

  interface Answer {
    status: number;
    headers: IncomingHttpHeaders;
    body: string;
  }
  /** Sends the path exactly as it is, which fetch would tidy up. */
  function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: server.port, path, method, headers, agent: false },
        (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (body += chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          );
        },
      );
      sent.on('error', reject);
      sent.end();
    });
  }
  const security = Object.entries(HEADER_RULES[0]?.headers ?? {});
  const NAVIGATION = { accept: 'text/html,application/xhtml+xml', 'sec-fetch-mode': 'navigate' };

  it.each(['/', '/index.html', '/peer.js', '/assets/index-abc.js', '/nothing.js', '/deep/link'])(
    'the security headers are on %s',
    async (path) => {
      const { headers } = await get(path, NAVIGATION);
      expect(security.length).toBeGreaterThan(4);
      for (const [name, value] of security) expect(headers[name.toLowerCase()]).toBe(value);
    },
  );

  it.each([
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/peer.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/sw.js?v=1', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/manifest.webmanifest', 'application/manifest+json; charset=utf-8', 'no-cache'],
    ['/thicket.d.ts', 'text/plain; charset=utf-8', 'no-cache'],
    ['/assets/index-abc.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/assets/hash-abc.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
    ['/assets/icon.svg', 'image/svg+xml', 'public, max-age=31536000, immutable'],
    ['/assets/data.json', 'application/json; charset=utf-8', 'public, max-age=31536000, immutable'],
  ])('%s is %s, cached as %s', async (path, type, caching) => {
    const { status, headers } = await get(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe(type);
    expect(headers['cache-control']).toBe(caching);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/..%2Fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00',
    '/index.html%00.js',
    '/%',
    '/%c0%ae%c0%ae/secret.txt',
    '//secret.txt',
    '//127.0.0.1/index.html',
    '/assets//index-abc.js',
    '/link.txt',
    '/.hidden',
    '/%2ehidden',
    '/assets',
    '/assets/',
    '/index.html/x.js',
    `/${'a'.repeat(300)}.js`,
    'http://127.0.0.1/index.html',
    'secret.txt',
    '*',
  ])('%s is not found', async (path) => {
    const { status, body } = await get(path);
    expect([400, 404]).toContain(status);
    expect(body).not.toContain('outside');
    expect(body).not.toContain('hidden');
  });

  it('a traversal is not found even as a navigation', async () => {
    for (const path of ['/../secret', '/..%2fsecret', '/%2e%2e/secret', '/%00'])
      expect((await get(path, NAVIGATION)).status, path).toBe(404);
  });

  it('a navigation to a path without extension gets the app; a script or a fetch does not', async () => {
    const { status, body } = await get('/some/view', NAVIGATION);
    expect(status).toBe(200);
    expect(body).toContain('<title>app</title>');
    expect((await get('/some/view', { accept: '*/*' })).status).toBe(404);
    expect((await get('/missing.js', NAVIGATION)).status).toBe(404);
  });

  it('an unchanged file is not sent again, a changed one is', async () => {
    const { etag } = (await get('/peer.js')).headers;
    expect(etag).toMatch(/^W\/"/);
    const again = await get('/peer.js', { 'if-none-match': etag ?? '' });
    expect(again).toMatchObject({ status: 304, body: '' });
    expect(again.headers['content-security-policy']).toBeDefined();
    expect((await get('/peer.js', { 'if-none-match': 'W/"other"' })).status).toBe(200);
    await writeFile(join(dir, 'dist/peer.js'), 'export const changed = 1;');
    expect((await get('/peer.js', { 'if-none-match': etag ?? '' })).body).toContain('changed');
  });

  it('HEAD has the headers and no body, an empty file is served, and nothing else than reading is allowed', async () => {
    const head = await get('/index.html', {}, 'HEAD');
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe('33');
    expect(await get('/empty.txt')).toMatchObject({ status: 200, body: '' });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect(await get('/', {}, method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('/health tells that it lives, and /signal that it wants a WebSocket', async () => {
    expect(await get('/health')).toMatchObject({ status: 200, body: '{"ok":true}' });
    expect((await get('/health')).headers['content-type']).toMatch(/^application\/json/);
    expect((await get('/signal')).status).toBe(426);
  });

  it('bytes that are no HTTP are refused, and the server lives on', async () => {
    const socket = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => {
      socket.on('error', resolve);
      socket.on('close', resolve);
      socket.resume();
      socket.write('\0\0nonsense\r\n\r\n');
    });
    expect((await get('/health')).status).toBe(200);
  });

  it('a directory that is missing is an error with its code', async () => {
    await expect(startServer({ ...local, port: 0, dir: join(dir, 'nowhere') })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
