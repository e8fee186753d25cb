// What a relation's metadata says: anybody's words, read with care.
import type { RelationMetadata } from './types.ts';

/** A field of its own, or undefined. */
export const saidIn = (metadata: RelationMetadata | null, key: string): unknown =>
  metadata !== null && Object.hasOwn(metadata, key) ? metadata[key] : undefined;

/** Of a review (SPEC G4): numbers from 0 to 1 only. */
export function reviewScore(metadata: RelationMetadata | null): number | null {
  const score = saidIn(metadata, 'score');
  return typeof score === 'number' && score >= 0 && score <= 1 ? score : null;
}

/** Summed in ascending order: floating-point sums depend on it, arrival must not matter. Null where none is given. */
export function meanOf(scores: Iterable<number | null>): number | null {
  const given = [...scores].filter((score) => score !== null).sort((a, b) => a - b);
  return given.length === 0 ? null : given.reduce((sum, score) => sum + score, 0) / given.length;
}
