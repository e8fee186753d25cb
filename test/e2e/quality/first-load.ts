// What a built app makes a newcomer load: its scripts, their sizes on the wire, and which sources are in them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright';

export interface Script {
  path: string;
  /** Bytes, gzipped. */
  size: number;
  /** Files it was made of, as the source map names them. */
  sources: string[];
}

/** Of every script that this page has asked for so far, in order. */
export async function scriptsOf(page: Page, dist: string): Promise<Script[]> {
  const paths = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name))
      .filter(({ origin, pathname }) => origin === location.origin && pathname.endsWith('.js'))
      .map(({ pathname }) => pathname),
  );
  return Promise.all([...new Set(paths)].map((path) => scriptAt(dist, path)));
}

export async function scriptAt(dist: string, path: string): Promise<Script> {
  const code = await readFile(join(dist, path));
  const map: unknown = JSON.parse(await readFile(join(dist, `${path}.map`), 'utf8'));
  const sources =
    map !== null && typeof map === 'object' && 'sources' in map && Array.isArray(map.sources)
      ? map.sources.map(String)
      : [];
  return { path, size: gzipSync(code).length, sources };
}
