// What is stored on this device, and what is on its way to it. Types only.

export interface Transfer {
  grove: string;
  hash: string;
  /** Bytes. */
  size: number;
  received: number;
  /** Bytes per second over the last 5 s. */
  rate: number;
  /** Seconds that the rest takes at that rate; null where nothing comes. */
  timeLeft: number | null;
  sources: number;
  /** `stalled`: waits for a source, or for room on the disk; `paused`: by `pauseTransfer`. */
  state: 'queued' | 'receiving' | 'verifying' | 'complete' | 'stalled' | 'paused' | 'failed';
  reason?: string;
  /** Contributions of its grove that name it. */
  cids: string[];
}
/** What is stored on this device. Bytes of a grove are those of the blocks of artifacts that it names, each counted once. */
export interface StorageInfo {
  /** False while what is on disk is still being counted. */
  ready: boolean;
  /** Bytes of all blocks, each counted once: groves that share some add up to more. */
  bytes: number;
  /** Most that there should be on this device; null: no limit. */
  budget: number | null;
  /** What the browser says; null where it doesn't. `persisted`: it promised not to delete anything without asking. */
  quota: { usage: number; quota: number; persisted: boolean } | null;
  /** A write found the disk full, and nothing says yet that there is room again. */
  full: boolean;
  /** Bytes beyond the device's budget that may not go without asking. */
  over: number;
  /** Of groves that were left and not erased; `discardLeft` deletes them. */
  left: StoredTotal;
  groves: GroveStorage[];
}
/** `bytes`: sizes of whole artifacts, though some may share blocks. */
export interface StoredTotal {
  artifacts: number;
  bytes: number;
}
export interface GroveStorage {
  grove: string;
  name: string;
  bytes: number;
  /** Bytes that came of artifacts on their way. */
  arriving: number;
  artifacts: number;
  budget: number | null;
  pinned: StoredTotal;
  /** May go when room is needed: other members are known to hold it. */
  evictable: StoredTotal;
  /** No other member is known to hold it. It never goes by itself. */
  onlyHere: StoredTotal;
  /** Would be fetched by itself, and doesn't fit. */
  waiting: StoredTotal;
  /** Beyond the budget by so many bytes, and what would have to go; `evict` has it go. */
  needsRoom: { bytes: number; artifacts: StoredArtifact[] } | null;
}
export interface StoredArtifact {
  /** 64 hex digits. */
  hash: string;
  size: number;
  /** When it was last fetched, read, given or contributed, to ten minutes; ms since the epoch. */
  usedAt: number;
  /** `body`: the text of a large contribution, which stays. */
  standing: 'evictable' | 'pinned' | 'in-use' | 'only-here' | 'body';
  /** Contributions that name it. */
  cids: string[];
}
/** What went, and what stayed and why. */
export interface Evicted {
  bytes: number;
  kept: { hash: string; reason: 'evictable' | 'pinned' | 'in-use' | 'only-here' | 'body' | 'not-held' }[];
}
