// What the browser says of the disk. Workers may ask; only a page may ask for persistence.
import type { Disk } from '../core/ports.ts';

/** `storage`: the browser's `navigator.storage`, undefined where there is none. */
export function createDisk(storage: Pick<StorageManager, 'estimate' | 'persisted'> | undefined): Disk {
  return {
    async estimate() {
      if (storage === undefined) return null;
      try {
        const [{ usage, quota }, persisted] = await Promise.all([storage.estimate(), storage.persisted()]);
        return usage === undefined || quota === undefined ? null : { usage, quota, persisted };
      } catch {
        return null; // opaque origins and some private windows refuse; then nothing is known
      }
    },
  };
}
