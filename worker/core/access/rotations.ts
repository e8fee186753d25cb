// The secrets that followed a grove's first, as its log tells them (SPEC A15): who was given which. Opens nothing.
import { compareEntries } from '../model/entry.ts';
import type { Hash, PeerId } from '../model/ids.ts';
import type { RotateBody } from '../model/powers.ts';
import type { Source } from './admissions.ts';

export interface Rotation {
  /** Hash of the secret: several entries that seal the same one are one rotation. */
  commit: Hash;
  epoch: number;
  /** The highest of its entries. */
  source: Source;
  /** By member: what was sealed to it, and the entry's key. */
  boxes: ReadonlyMap<PeerId, { key: Uint8Array; sealed: Uint8Array }>;
}

export class Rotations {
  readonly #entries = new Map<string, { source: Source; body: RotateBody }>();

  apply(source: Source, body: RotateBody): void {
    this.#entries.set(source.id, { source, body });
  }

  /** By (lamport, id) of their highest entries, the last in use. */
  all(counts: (source: Source) => boolean): Rotation[] {
    const byCommit = new Map<
      Hash,
      Rotation & { boxes: Map<PeerId, { key: Uint8Array; sealed: Uint8Array }> }
    >();
    const entries = [...this.#entries.values()].filter(({ source }) => counts(source));
    for (const { source, body } of entries.sort((a, b) => compareEntries(a.source, b.source))) {
      const { commit, epoch, key } = body;
      const boxes = byCommit.get(commit)?.boxes ?? new Map<PeerId, { key: Uint8Array; sealed: Uint8Array }>();
      for (const { peer, sealed } of body.boxes) boxes.set(peer, { key, sealed });
      byCommit.delete(commit);
      byCommit.set(commit, { commit, epoch, source, boxes });
    }
    return [...byCommit.values()];
  }
}
