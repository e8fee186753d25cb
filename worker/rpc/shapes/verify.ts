// A check of the whole store. Types only.

export interface VerifyFinding {
  /** `entry`, `signature`, `body`: of a log; `block`, `list`, `artifact`: of files; `orphan`: what nothing leads to; `note`, `record`: small rows beside them; `view`, `index`: what is derived. */
  kind:
    | 'entry'
    | 'signature'
    | 'body'
    | 'block'
    | 'list'
    | 'artifact'
    | 'orphan'
    | 'note'
    | 'record'
    | 'view'
    | 'index';
  grove: string | null;
  /** Of the entry, the hash, or the key of the row. */
  id: string;
  /** `found`: nothing was done about it; `asked`: asked anew of others, and on its way once one has it; `lost`: nobody reached now can give it. */
  state: 'found' | 'repaired' | 'asked' | 'lost';
  /** In words. */
  detail: string;
}
export interface VerifyResult {
  /** Nothing wrong was found, or all of it was repaired. */
  sound: boolean;
  /** How many of each were looked at; `bytes`: of blocks; `files`: in which blocks lie together on disk; `views`: groves whose views were derived anew and compared. */
  checked: {
    entries: number;
    signatures: number;
    bodies: number;
    artifacts: number;
    lists: number;
    blocks: number;
    bytes: number;
    files: number;
    notes: number;
    views: number;
  };
  /** The first 200. */
  findings: VerifyFinding[];
  /** All of them, and of these: repaired, asked of others, lost. */
  found: number;
  repaired: number;
  asked: number;
  lost: number;
  /** Groves of which something could not be compared, and why. */
  skipped: { grove: string; reason: string }[];
}

export interface VerifyMethods {
  verify: { params: [options?: { repair?: boolean }]; result: VerifyResult };
  cancelVerify: { params: []; result: null };
}
export interface VerifyEvents {
  verify: {
    phase: 'log' | 'bodies' | 'blocks' | 'artifacts' | 'notes' | 'repair' | 'views';
    done: number;
    total: number | null;
  };
}
