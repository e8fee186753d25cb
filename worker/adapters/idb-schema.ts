// The database's schema over time. A version, once released, is never edited: a change is a further migration.
import { ThicketError } from '../core/model/errors.ts';
import { TABLES } from '../core/ports.ts';
import { BY_PACK, PACKS } from './idb-packs.ts';

/** Brings a database from one version to the next, inside the upgrade's transaction. */
export type Migration = (database: IDBDatabase, transaction: IDBTransaction) => void;

export interface Schema {
  version: number;
  /** At index n: from version n to n + 1. Version 0 has nothing in it. */
  migrations: readonly Migration[];
}

export const SCHEMA: Schema = {
  version: 2,
  migrations: [
    (database) => {
      for (const table of TABLES) database.createObjectStore(table);
    },
    // Blocks lie together in packs from here on; those of before stay in their rows, which are read as well.
    (database, transaction) => {
      database.createObjectStore(PACKS);
      transaction.objectStore('blocks').createIndex(BY_PACK, 'pack');
    },
  ],
};

export function migrate(
  schema: Schema,
  from: number,
  database: IDBDatabase,
  transaction: IDBTransaction,
): void {
  for (let version = from; version < schema.version; version++) {
    const migration = schema.migrations[version];
    if (migration === undefined)
      throw new ThicketError('internal', `database: no way from version ${version} on`);
    migration(database, transaction);
  }
}
