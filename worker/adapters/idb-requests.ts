// IndexedDB's events as promises, and its errors as the store's. Knows nothing of tables or rows.
import { StoreError } from '../core/ports.ts';

export function request<T>(pending: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    pending.onsuccess = () => resolve(pending.result);
    pending.onerror = () => reject(pending.error ?? unexplained());
  });
}

/** Resolves on the transaction's complete event, and not before. Rejects with the reason it was aborted for. */
export function settled(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? unexplained());
  });
}

/** Aborts what is still under way. */
export function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch (error) {
    // It had ended already, which is what was wanted.
    if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
  }
}

// Safari's words where the process that keeps its databases went away, as it does in the background.
const CONNECTION_LOST = /connection .*(lost|clos)/i;

/** What a rejected request, transaction or opening means to users of a store. */
export function failureOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof DOMException)) return new StoreError('internal', message);
  if (error.name === 'QuotaExceededError')
    return new StoreError('quota', `the disk or this site's share of it is full: ${message}`);
  if (error.name === 'AbortError' || error.name === 'InvalidStateError' || CONNECTION_LOST.test(message)) {
    return new StoreError('closed', `the browser closed the database: ${message}`);
  }
  return new StoreError('internal', `${error.name}: ${message}`);
}

const unexplained = (): DOMException => new DOMException('aborted without a reason', 'AbortError');
