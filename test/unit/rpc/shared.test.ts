import { describe, expect, it } from 'vitest';
import { layAside, takeShared } from '../../../worker/rpc/shared.ts';

/** As much of a browser's caches as is used. */
function fakeCaches(): CacheStorage {
  const all = new Map<string, Map<string, Response>>();
  const open = (name: string): Promise<unknown> => {
    const rows = all.get(name) ?? new Map<string, Response>();
    all.set(name, rows);
    return Promise.resolve({
      put: (key: string, value: Response) => Promise.resolve(void rows.set(key, value)),
      match: (key: string) => Promise.resolve(rows.get(key)?.clone()),
    });
  };
  const fake: Pick<CacheStorage, 'has' | 'delete'> & { open: typeof open } = {
    open,
    has: (name) => Promise.resolve(all.has(name)),
    delete: (name) => Promise.resolve(all.delete(name)),
  };
  return fake as CacheStorage;
}

const formOf = (fields: Record<string, string>, files: File[] = []): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const file of files) form.append('files', file);
  return form;
};

describe('what another app shares', () => {
  it('is taken once, with its files as they were', async () => {
    const caches = fakeCaches();
    const file = new File(['abc'], 'notes é.txt', { type: 'text/plain' });
    await layAside(caches, formOf({ title: 'T', text: 'said', url: 'https://any.example/' }, [file]));
    const shared = await takeShared(caches);
    expect(shared).toMatchObject({ title: 'T', text: 'said\n\nhttps://any.example/' });
    expect(await Promise.all((shared?.files ?? []).map((each) => each.text()))).toEqual(['abc']);
    expect(shared?.files[0]).toMatchObject({ name: 'notes é.txt', type: 'text/plain' });
    expect(await takeShared(caches)).toBeNull();
  });

  it('takes the place of what lay there before', async () => {
    const caches = fakeCaches();
    await layAside(caches, formOf({ title: 'old' }, [new File(['x'], 'x')]));
    await layAside(caches, formOf({ text: 'new' }));
    expect(await takeShared(caches)).toEqual({ title: '', text: 'new', files: [] });
  });

  it.each(['', 'no json', '[]', '{"title":1,"text":"","files":[]}', '{"title":"","text":"","files":7}'])(
    'is nothing where what lies there reads %j',
    async (told) => {
      const caches = fakeCaches();
      await (await caches.open('thicket-shared')).put('/shared', new Response(told));
      expect(await takeShared(caches)).toBeNull();
    },
  );
});
