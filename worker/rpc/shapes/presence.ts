// Who is at what just now. Types only.

export interface PresenceChange {
  /** `none` takes back what was said. Default: as before, at first `idle`. */
  status?: 'idle' | 'working' | 'done' | 'none';
  /** On what; null: nothing in particular. */
  cid?: string | null;
  /** At most 256 characters. */
  note?: string;
}
export interface PresenceInfo {
  peerId: string;
  name: string;
  status: 'idle' | 'working' | 'done';
  cid: string | null;
  note: string;
  /** When it was said, by this device's clock; ms since the epoch. It is over a minute later, unless it is said again. */
  at: number;
  self: boolean;
}

export interface PresenceMethods {
  presence: { params: [grove: string, change?: PresenceChange]; result: PresenceInfo[] };
}
