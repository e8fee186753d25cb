// How rows that their makers signed go over a link: in frames of bounded size, each with its age at the moment of sending.
// Knows nothing of what rows say.
import type { WireSignedRow } from '../wire/frame.ts';

export interface SignedRow {
  bytes: Uint8Array;
  signature: Uint8Array;
  /** In elapsed time. */
  bornAt: number;
}
export interface RowBounds {
  /** Of a frame. */
  rows: number;
  batchBytes: number;
  /** Beyond so many bytes a frame is no control frame. */
  controlBytes: number;
}

export function sendSigned(
  rows: readonly SignedRow[],
  now: number,
  bounds: RowBounds,
  send: (rows: WireSignedRow[], lane: 'control' | 'bulk') => void,
): void {
  let batch: WireSignedRow[] = [];
  let size = 0;
  const cut = (): void => {
    if (batch.length === 0) return;
    send(batch, size > bounds.controlBytes ? 'bulk' : 'control');
    [batch, size] = [[], 0];
  };
  for (const { bytes, signature, bornAt } of rows) {
    batch.push({ row: bytes, signature, age: Math.max(0, Math.floor(now - bornAt)) });
    size += bytes.length + signature.length;
    if (batch.length === bounds.rows || size >= bounds.batchBytes) cut();
  }
  cut();
}
