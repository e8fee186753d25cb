// IndexedDB's events as promises, and its errors as the store's. Knows nothing of tables or rows.
import { StoreError } from '../core/ports.ts';

export function request<T>(pending: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    pending.onsuccess = () => resolve(pending.result);
    pending.onerror = () => reject(pending.error ?? unexplained());
  });
}

/** The connection went away while the transaction was being committed: it may have happened or not. */
export class InDoubt extends Error {}

/**
 * Resolves on the transaction's complete event, and not before. Rejects with the reason it was aborted for, or InDoubt: a
 * connection closed by force takes those in the middle of committing with it, and Chromium then tells neither end.
 */
export function settled(transaction: IDBTransaction): Promise<void> {
  const database = transaction.db;
  return new Promise<void>((resolve, reject) => {
    const onClose = (): void => reject(new InDoubt('the connection closed during the commit'));
    const end = (settle: () => void) => (): void => {
      database.removeEventListener('close', onClose);
      settle();
    };
    database.addEventListener('close', onClose);
    transaction.oncomplete = end(resolve);
    transaction.onabort = end(() => reject(transaction.error ?? unexplained()));
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
  if (error instanceof InDoubt)
    return new StoreError('closed', `the browser closed the database: ${message}`);
  if (!(error instanceof DOMException)) return new StoreError('internal', message);
  if (error.name === 'QuotaExceededError')
    return new StoreError('quota', 'the disk, or what this site may use of it, is full');
  if (error.name === 'AbortError' || error.name === 'InvalidStateError' || CONNECTION_LOST.test(message)) {
    return new StoreError('closed', `the browser closed the database: ${message}`);
  }
  return new StoreError('internal', `${error.name}: ${message}`);
}

const unexplained = (): DOMException => new DOMException('aborted without a reason', 'AbortError');
