import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HEADER_RULES, headersFor, renderHeaderRules } from '../../../worker/signal/headers.ts';

it('public/_headers tells static hosts exactly what the server itself sends', () => {
  expect(readFileSync(new URL('../../../public/_headers', import.meta.url), 'utf8')).toBe(
    renderHeaderRules(),
  );
});

it('no two rules that match one path set the same header, which hosts would join with a comma', () => {
  const paths = [...HEADER_RULES.map((rule) => rule.path.replace('*', 'x')), '/', '/deep/path'];
  for (const path of paths) {
    const names = HEADER_RULES.filter(({ path: pattern }) =>
      pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path,
    ).flatMap((rule) => Object.keys(rule.headers));
    expect(new Set(names).size, path).toBe(names.length);
  }
});

it('hashed names are kept for good, everything else is asked for anew', () => {
  expect(headersFor('/assets/index-abc123.js')['Cache-Control']).toBe('public, max-age=31536000, immutable');
  for (const path of ['/', '/index.html', '/sw.js', '/peer.js', '/manifest.webmanifest', '/thicket.d.ts'])
    expect(headersFor(path)['Cache-Control'], path).toBe('no-cache');
});

it('the policy allows no script but our own, no frames, no plugins and no forms', () => {
  const policy = (headersFor('/peer.js')['Content-Security-Policy'] ?? '').split('; ');
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(policy).toContain("worker-src 'self'");
  for (const name of ['frame-src', 'object-src', 'base-uri', 'form-action', 'frame-ancestors'])
    expect(policy).toContain(`${name} 'none'`);
  expect(policy.join()).not.toMatch(/unsafe-eval'.*unsafe-eval|script-src[^;,]*'unsafe-inline'|https?:|\*/);
});

it('what the README gives for nginx is what the server itself sends', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const given = new Map(
    [...readme.matchAll(/add_header (\S+) (?:"([^"]+)"|(\S+)) always;/g)].map(([, name, quoted, bare]) => [
      name,
      quoted ?? bare,
    ]),
  );
  const { 'Permissions-Policy': unused, ...sent } = HEADER_RULES[0]?.headers ?? {};
  expect(unused).toBeDefined();
  expect(Object.fromEntries(given)).toEqual(sent);
});
