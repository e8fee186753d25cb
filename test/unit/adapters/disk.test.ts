// The browser's word on the disk, and its silence.
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../../worker/adapters/disk.ts';

const storage = (estimate: () => Promise<StorageEstimate>, persisted = () => Promise.resolve(true)) => ({
  estimate,
  persisted,
});

describe('the disk', () => {
  it('C19: is what the browser says of it', async () => {
    const disk = createDisk(storage(() => Promise.resolve({ usage: 3, quota: 10 })));
    expect(await disk.estimate()).toEqual({ usage: 3, quota: 10, persisted: true });
  });

  it('C19: is unknown where the browser says nothing, half of it, or refuses', async () => {
    const refuses = (): Promise<never> => Promise.reject(new TypeError('opaque origin'));
    for (const each of [
      undefined,
      storage(() => Promise.resolve({ usage: 3 })),
      storage(refuses),
      storage(() => Promise.resolve({ usage: 3, quota: 10 }), refuses),
    ])
      expect(await createDisk(each).estimate()).toBeNull();
  });
});
