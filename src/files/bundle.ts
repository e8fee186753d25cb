// What goes into the zip of a contribution, or of it and all that it grew from (C25). Knows nothing of how a zip is written.
import type { Contribution } from '../../worker/rpc/api.ts';
import { ThicketError } from '../../worker/rpc/client.ts';
import { safePaths, slug } from './paths.ts';
import { streamOf } from './stream.ts';
import type { ZipEntry } from './zip.ts';

/** Contributions of one bundle. */
export const MAX_BUNDLE = 1000;

export type ReadRange = (cid: string, name: string, range: { start: number; end: number }) => Promise<Blob>;

/** What `describe` adds to a manifest: facts of this device, not of the contribution. */
const ADDED = [
  'author',
  'authorName',
  'publishers',
  'receivedAt',
  'receivedFrom',
  'signature',
  'body',
  'lifecycle',
  'outgoing',
  'incoming',
  'files',
  'holders',
] as const satisfies readonly (keyof Contribution)[];

/**
 * The contribution first, then what it derives from, each once. `find` brings one here, with its artifacts; null where nobody
 * has heard of it, as of what was published elsewhere.
 */
export async function withAncestors(
  cid: string,
  find: (cid: string) => Promise<Contribution | null>,
): Promise<{ items: Contribution[]; missing: string[] }> {
  const missing = new Set<string>();
  const found = new Map<string, Contribution>();
  const ahead = [cid];
  for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
    if (found.has(next) || missing.has(next)) continue;
    if (found.size === MAX_BUNDLE)
      throw new ThicketError('too-large', `zip: at most ${MAX_BUNDLE} contributions, given more`);
    const item = await find(next);
    if (item === null) {
      missing.add(next);
      continue;
    }
    found.set(next, item);
    for (const { targetCid, relationType } of item.relations)
      if (relationType === 'derives_from') ahead.push(targetCid);
  }
  return { items: [...found.values()], missing: [...missing] };
}

/** The folder of a contribution: words of its summary for people, and enough of its CID to tell it from others. */
export const folderOf = ({ cid, summary }: Pick<Contribution, 'cid' | 'summary'>): string =>
  [slug(summary), cid.replace(/^blake3:/, '').slice(0, 10)].filter((part) => part !== '').join('-');

/** One at the top of the zip; of several each in its folder. */
export function bundleOf(items: readonly Contribution[], read: ReadRange): ZipEntry[] {
  const folders = new Set<string>();
  return items.flatMap((item) => {
    let folder = items.length === 1 ? '' : `${folderOf(item)}/`;
    if (folders.has(folder)) folder = `${item.cid.replace(/^blake3:/, '')}/`;
    folders.add(folder);
    const at = Date.parse(item.createdAt);
    const manifest = new TextEncoder().encode(manifestText(item));
    const paths = safePaths(item.files.map(({ name }) => name));
    return [
      {
        path: `${folder}manifest.json`,
        size: manifest.length,
        at,
        open: () => new Blob([manifest]).stream(),
      },
      ...item.files.map(({ name, size }): ZipEntry => ({
        path: `${folder}artifacts/${paths.get(name) ?? '_'}`,
        size,
        at,
        open: () => streamOf(size, (range) => read(item.cid, name, range)),
      })),
    ];
  });
}

/** Of a contribution the artifacts with these names, under their own paths. */
export function artifactsOf(item: Contribution, names: readonly string[], read: ReadRange): ZipEntry[] {
  const paths = safePaths(names);
  const at = Date.parse(item.createdAt);
  return item.files
    .filter(({ name }) => names.includes(name))
    .map(({ name, size }) => ({
      path: paths.get(name) ?? '_',
      size,
      at,
      open: () => streamOf(size, (range) => read(item.cid, name, range)),
    }));
}

/** With the CID, which a manifest may carry: whoever has it can check that it is this one (M1). */
function manifestText(item: Contribution): string {
  const manifest: Partial<Contribution> = { ...item };
  for (const field of ADDED) Reflect.deleteProperty(manifest, field);
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
