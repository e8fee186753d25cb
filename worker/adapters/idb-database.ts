// One database's connection over its life: opening, upgrades, closing by the browser and opening again. Knows no tables.
import { openDB, unwrap } from 'idb';
import { ThicketError } from '../core/model/errors.ts';
import { StoreError } from '../core/ports.ts';
import { abort, failureOf } from './idb-requests.ts';
import { migrate } from './idb-schema.ts';
import type { Schema } from './idb-schema.ts';

export interface IdbDatabaseOptions {
  name: string;
  schema: Schema;
  /** Closed for good and not by `close()`. Told once. */
  onClosed(reason: string): void;
  /** Opening waits for a connection of an older version to close. */
  onBlocked?(): void;
}

export interface IdbDatabase {
  /** Starts a transaction; first opens the database again where the browser closed it. Rejects with StoreError. */
  begin(
    tables: readonly string[],
    mode: 'readonly' | 'readwrite',
    durability: IDBTransactionDurability,
  ): Promise<IDBTransaction>;
  /** A transaction found its connection (`transaction.db`) dead; unless that was done already, the next one opens another. */
  lose(dead: IDBDatabase): void;
  /** Idempotent. */
  close(): void;
}

/** Of opening again after the browser closed the connection, and the ms between them. Erasing takes some 10 ms. */
const REOPEN_ATTEMPTS = 5;
const REOPEN_PAUSE = 100;

/** @throws ThicketError `version` where a later version wrote the database; StoreError where it does not open. */
export async function openIdbDatabase(options: IdbDatabaseOptions): Promise<IdbDatabase> {
  const { name, schema } = options;
  const deleted = new StoreError('closed', 'the database was deleted');
  /** Null: the browser closed it. */
  let connection: IDBDatabase | null = null;
  let reopening: Promise<IDBDatabase> | null = null;
  let closedBecause: string | null = null;

  const lose = (dead: IDBDatabase): void => {
    dead.close();
    if (connection === dead) connection = null;
  };

  const closeFor = (reason: string): void => {
    if (closedBecause !== null) return;
    closedBecause = reason;
    if (connection !== null) lose(connection);
    options.onClosed(reason);
  };

  const checkOpen = (): void => {
    if (closedBecause !== null) throw new StoreError('closed', closedBecause);
  };

  const open = async (mayCreate: boolean): Promise<IDBDatabase> => {
    /** Why the upgrade was given up, if it was. */
    const refused: { because: Error | null } = { because: null };
    let opened: IDBDatabase | null = null;
    const opening = openDB(name, schema.version, {
      upgrade(wrapped, oldVersion, _newVersion, wrappedTransaction) {
        const transaction = unwrap(wrappedTransaction);
        // idb keeps a promise of the end as well, of which nobody else hears.
        wrappedTransaction.done.catch(failureOf);
        try {
          // Going on over an empty database would hide that what was acknowledged is gone.
          if (oldVersion === 0 && !mayCreate) throw deleted;
          migrate(schema, oldVersion, unwrap(wrapped), transaction);
        } catch (error) {
          refused.because = failureOf(error);
          abort(transaction);
        }
      },
      blocked: () => options.onBlocked?.(),
      blocking(_current, wanted) {
        opened?.close();
        closeFor(wanted === null ? 'the database is being deleted' : 'a newer version needs the database');
      },
      terminated() {
        if (connection === opened) connection = null;
      },
    });
    try {
      opened = unwrap(await opening);
    } catch (error) {
      if (refused.because !== null) throw refused.because;
      if (error instanceof DOMException && error.name === 'VersionError') {
        throw new ThicketError(
          'version',
          `database ${name}: a later version wrote it; this one knows ${schema.version}`,
        );
      }
      throw failureOf(error);
    }
    return opened;
  };

  /** What closed the connection, such as the erasing of a site's data, may still be at it and close the next one too. */
  const openAgain = async (): Promise<IDBDatabase> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await open(false);
      } catch (error) {
        const interrupted = error instanceof StoreError && error.failure === 'closed' && error !== deleted;
        if (!interrupted || attempt === REOPEN_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE));
      }
    }
  };

  const reopen = async (): Promise<IDBDatabase> => {
    try {
      const fresh = await openAgain();
      if (closedBecause !== null) fresh.close();
      else connection = fresh;
      checkOpen();
      return fresh;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      closeFor(`the browser closed the database and it did not open again: ${reason}`);
      throw new StoreError('closed', closedBecause ?? reason);
    } finally {
      reopening = null;
    }
  };

  connection = await open(true);

  const start = (
    on: IDBDatabase,
    tables: readonly string[],
    mode: IDBTransactionMode,
    durability: IDBTransactionDurability,
  ): IDBTransaction => {
    try {
      return on.transaction(tables, mode, { durability });
    } catch (error) {
      throw failureOf(error);
    }
  };

  return {
    async begin(tables, mode, durability) {
      checkOpen();
      if (connection !== null) {
        const current = connection;
        try {
          return start(current, tables, mode, durability);
        } catch (error) {
          if (!(error instanceof StoreError) || error.failure !== 'closed') throw error;
          lose(current);
        }
      }
      reopening ??= reopen();
      const fresh = await reopening;
      checkOpen();
      return start(fresh, tables, mode, durability);
    },
    lose,
    close() {
      closedBecause ??= 'the store was closed';
      if (connection !== null) lose(connection);
    },
  };
}
