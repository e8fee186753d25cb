// Reads and writes what simple-peer calls signal data. Only its plain parts (SDP text, candidate fields) travel;
// what a peer sent is never handed on as it came. Knows nothing of keys or sessions.

import { isWellFormed } from '../model/bytes.ts';

export interface Candidate {
  candidate: string;
  sdpMid: string | null;
  sdpMLineIndex: number | null;
}

export type SignalData =
  { type: 'offer' | 'answer'; sdp: string } | { type: 'candidate'; candidate: Candidate };

const MAX_CANDIDATE = 1_024;
const MAX_MID = 64;
const MAX_LINES = 65_535;
const FINGERPRINT = /^sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})$/i;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isLine = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length <= max && isWellFormed(value) && !/[\r\n]/.test(value);

/** The candidate with its fields checked, or null. */
export function toCandidate(candidate: unknown, sdpMid: unknown, sdpMLineIndex: unknown): Candidate | null {
  if (!isLine(candidate, MAX_CANDIDATE)) return null;
  const mid = sdpMid ?? null;
  if (mid !== null && !isLine(mid, MAX_MID)) return null;
  const line = sdpMLineIndex ?? null;
  const inRange = typeof line === 'number' && Number.isInteger(line) && line >= 0 && line <= MAX_LINES;
  if (line !== null && !inRange) return null;
  return { candidate, sdpMid: mid, sdpMLineIndex: line };
}

/** Parses the JSON text of simple-peer's signal data; null for kinds that links have no use for. */
export function parseSignalData(text: string, maxSdp: number): SignalData | null {
  if (text.length > 2 * maxSdp) return null;
  const data = parseJson(text);
  if (!isRecord(data)) return null;
  const { type, sdp, candidate } = data;
  if (type === 'offer' || type === 'answer') {
    return typeof sdp === 'string' && sdp.length <= maxSdp && isWellFormed(sdp) ? { type, sdp } : null;
  }
  if (!isRecord(candidate)) return null;
  const { candidate: line, sdpMid, sdpMLineIndex } = candidate;
  const checked = toCandidate(line, sdpMid, sdpMLineIndex);
  return checked && { type: 'candidate', candidate: checked };
}

export function formatSignalData(data: SignalData): string {
  return JSON.stringify(data);
}

/** A DTLS fingerprint (`sha-256 AA:BB:…`) as 32 bytes, or null. */
export function parseFingerprint(text: string): Uint8Array | null {
  const hex = FINGERPRINT.exec(text.trim())?.[1];
  return hex === undefined ? null : Uint8Array.from(hex.split(':'), (pair) => Number.parseInt(pair, 16));
}

/** The one SHA-256 fingerprint that an SDP names, or null where it names none, several, or one of another hash. */
export function sdpFingerprint(sdp: string): Uint8Array | null {
  const values = new Set<string>();
  for (const line of sdp.split(/\r\n|\r|\n/)) {
    if (/^a=fingerprint:/i.test(line))
      values.add(
        line
          .slice(line.indexOf(':') + 1)
          .trim()
          .toLowerCase(),
      );
  }
  const [only] = values;
  return values.size === 1 && only !== undefined ? parseFingerprint(only) : null;
}
