// What another app shares into this one: the service worker lays it aside, the page takes it away. Nothing of a grove is in it.
import * as v from 'valibot';

/** Where another app's form is posted to; told by public/manifest.webmanifest as well. */
export const SHARE_PATH = '/share';
const CACHE = 'thicket-shared';
const FIRST = '/shared';
/** As of a contribution. */
const MAX_FILES = 1000;
const MAX_TEXT = 65_536;

export interface Shared {
  title: string;
  /** With the address that was shared, where there is one. */
  text: string;
  files: File[];
}

/** Lays aside what a share's form holds, instead of whatever lay there. */
export async function layAside(caches: CacheStorage, form: FormData): Promise<void> {
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  const read = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value.slice(0, MAX_TEXT) : '';
  };
  const files = form.getAll('files').filter((each) => each instanceof File);
  const kept = files.slice(0, MAX_FILES);
  await Promise.all(kept.map((file, i) => cache.put(`${FIRST}/${i}`, new Response(file))));
  const text = [read('text'), read('url')].filter((each) => each.trim() !== '').join('\n\n');
  const told = { title: read('title'), text, files: kept.map(({ name, type }) => ({ name, type })) };
  await cache.put(FIRST, new Response(JSON.stringify(told)));
}

/** What lies there, and no longer does. Null where there is nothing, or nothing that can be read. */
export async function takeShared(caches: CacheStorage): Promise<Shared | null> {
  if (!(await caches.has(CACHE))) return null;
  const cache = await caches.open(CACHE);
  const told = parseTold(await (await cache.match(FIRST))?.text());
  const files: File[] = [];
  for (const [i, { name, type }] of (told?.files ?? []).entries()) {
    const content = await (await cache.match(`${FIRST}/${i}`))?.blob();
    if (content !== undefined) files.push(new File([content], name, { type }));
  }
  await caches.delete(CACHE);
  return told && { title: told.title, text: told.text, files };
}

const TOLD = v.object({
  title: v.string(),
  text: v.string(),
  files: v.array(v.object({ name: v.string(), type: v.string() })),
});

/** Written by this build or another: whatever is not as expected is as if it were not there. */
function parseTold(text: string | undefined): v.InferOutput<typeof TOLD> | null {
  try {
    const told = v.safeParse(TOLD, JSON.parse(text ?? 'null'));
    return told.success ? told.output : null;
  } catch {
    return null;
  }
}
