// Web Locks as signs of life: who holds one lives, and who is granted another's knows that it is gone.

/** Holds a lock for as long as this page or worker lives. Resolves once it is held. */
export function holdLock(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => {
        resolve();
        return new Promise<never>(() => undefined);
      })
      .catch(reject);
  });
}

/** Calls back once when nobody holds the lock. The returned function gives up waiting. */
export function onceFree(name: string, callback: () => void): () => void {
  const giveUp = new AbortController();
  navigator.locks.request(name, { signal: giveUp.signal }, callback).catch((error: unknown) => {
    if (!giveUp.signal.aborted) throw error;
  });
  return () => giveUp.abort();
}
