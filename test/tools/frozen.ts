// A database as an earlier version wrote it: what test/tools/freeze.ts makes, and test/e2e/frozen.e2e.ts reads.

export interface Frozen {
  /** Of the code that wrote it. */
  commit: string;
  /** What a person finds in it. */
  expected: {
    peer: string;
    grove: string;
    cids: string[];
    file: { cid: string; name: string; size: number };
  };
  /** Of the schema. */
  version: number;
  stores: {
    name: string;
    indexes: { name: string; path: string }[];
    /** One of the three: a Uint8Array and a Blob in base64, anything else as JSON. */
    rows: { key: string | number; bytes?: string; blob?: string; json?: string }[];
  }[];
}
