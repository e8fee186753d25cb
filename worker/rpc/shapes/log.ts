// The signed log of a grove, entry by entry. Types only.

export interface LogItem {
  /** 64 hex digits. */
  id: string;
  author: string;
  authorName: string;
  /** 1, 2, 3… of this author in this grove. */
  seq: number;
  kind: string;
  lamport: number;
  /** When its author says that it was written; ms since the epoch. */
  at: number;
  /** Bytes of the body. */
  size: number;
  /** Order in which this device came to have it; pass it as `before` to go on from here. */
  place: number;
  receivedAt: number;
  /** Null: written here. */
  receivedFrom: string | null;
  /** `own`: a signature over this entry lies here. `later`: one over a later entry of its author covers it. Both were verified. */
  signature: 'own' | 'later';
  /** `forked`: its author signed another for this place, or below. `void`: beyond where its author was banned. Neither counts. */
  standing: 'counts' | 'forked' | 'void';
}
export interface LogPage {
  /** The newest first, by the order in which this device came to have them. */
  items: LogItem[];
  /** There where more follows. */
  before?: number;
  /** On the first page: how many entries there are, and of whom and of which kind, the most first, at most 500 each. */
  totals?: {
    entries: number;
    authors: { peerId: string; name: string; entries: number }[];
    kinds: { kind: string; entries: number }[];
  };
}
/** One entry with all that is in it. Bytes are in hex. */
export interface LogEntryDetail extends LogItem {
  version: number;
  /** The author's entry before; null for its first. */
  prev: string | null;
  /** What it was written after, as far as those are here with author, seq and kind. */
  parents: { id: string; author?: string; authorName?: string; seq?: number; kind?: string }[];
  /** Hash of the body. */
  body: string;
  blobs: { table: string; total: number } | null;
  /** The bytes whose hash is the id. */
  header: string;
  signatureBytes: string | null;
  /** What was found just now, from the bytes on disk: the hash, the chain up to the signature, and that signature. */
  verified: boolean;
  /** Which entry the signature is over. */
  signedAt: { id: string; seq: number } | null;
  /** The body as it reads, its byte strings in hex; null where it isn't here or isn't understood. */
  fields: unknown;
  /** The body itself, at most 64 KiB; null where it isn't here. */
  bodyBytes: string | null;
}

export interface LogMethods {
  log: {
    params: [grove: string, options?: { author?: string; kind?: string; before?: number; limit?: number }];
    result: LogPage;
  };
  logEntry: { params: [grove: string, entry: string]; result: LogEntryDetail };
}
