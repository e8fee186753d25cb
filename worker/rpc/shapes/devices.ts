// The devices of one person, and the backup of an identity. Types only.
import type { Identity } from './groves.ts';

export interface Device {
  peerId: string;
  fingerprint: string;
  /** What it calls itself; empty for the first of them. */
  name: string;
  self: boolean;
  /** When it was first let into a grove, ms since the epoch; 0 where it is in none. */
  since: number;
  /** In how many groves of this device it counts, and in how many it was taken out. */
  groves: number;
  ended: number;
  /** Sixteen digits of its key and this device's, the same on both; empty for this device. */
  code: string;
}
/** The other end of a pairing: `code` has to be the same on both screens. */
export interface PairedDevice {
  peerId: string;
  fingerprint: string;
  code: string;
}
/** What came of a backup or of another device's text: groves that this device is let into once a member of each is there. */
export interface TakenIn {
  name: string;
  groves: { id: string; name: string }[];
}
export interface DeviceMethods {
  devices: { params: []; result: Device[] };
  /** First, on the device that has the groves: a text for the other to read. */
  deviceAsk: { params: []; result: { text: string } };
  /** Then, on the new device: reads that, and signs. `name`: what it calls itself. */
  deviceAnswer: { params: [text: string, name: string]; result: PairedDevice & { text: string } };
  /** Then, on the first: what the answer says. Changes nothing. */
  deviceCheck: { params: [text: string]; result: PairedDevice & { name: string } };
  /** Once the codes are the same: signs, tells all groves, and gives the text that lets the other in. */
  deviceAdd: { params: [text: string]; result: { text: string; groves: number } };
  /** Last, on the new device: reads that. */
  deviceAccept: { params: [text: string]; result: TakenIn };
  /**
   * Takes another device of this person out of all groves: what it wrote so far stays, what it writes from now on doesn't
   * count. `failed`: groves that could not be told now. `kept`: those whose secret it still holds, since this device may not
   * change it.
   */
  endDevice: { params: [peer: string]; result: { groves: number; failed: string[]; kept: string[] } };
  /** A new key for this device, for which the old one vouches; the worker starts again with it. */
  renewKey: { params: []; result: Identity };
  /** `stale`: a backup made now would hold more. */
  backupState: { params: []; result: { at: number | null; stale: boolean } };
  /** The identity and the groves' secrets, sealed under the passphrase. Takes a second or two. */
  backup: { params: [passphrase: string]; result: Blob };
  /** Reads a backup: this device, under its own key, becomes one of that person's. Takes a second or two. */
  restore: { params: [backup: Blob, passphrase: string]; result: TakenIn };
}
