// Which groves two peers share, told without naming one: a tag per grove under its secret (SPEC A2).
import { idBytes, type GroveId, type PeerId } from '../model/ids.ts';
import { mac } from '../model/keys.ts';
import { compareBytes, equalBytes } from '../model/bytes.ts';
import type { Random } from '../ports.ts';
import { MAX_TAGS } from '../wire/frame.ts';

const SLOTS = 16;
const TAG = 32;

export interface TagKey {
  grove: GroveId;
  key: Uint8Array;
}

const tagOf = (key: Uint8Array, transcript: Uint8Array, peer: PeerId): Uint8Array =>
  mac(key, transcript, idBytes(peer));

/** One tag per grove, shuffled among random ones so that their number tells at most its multiple of 16. */
export function ownTags(
  keys: readonly TagKey[],
  transcript: Uint8Array,
  self: PeerId,
  random: Random,
): Uint8Array[] {
  const tags = keys.slice(0, MAX_TAGS).map(({ key }) => tagOf(key, transcript, self));
  while (tags.length === 0 || tags.length % SLOTS !== 0) tags.push(random.bytes(TAG));
  // Sorted by value: random to whoever lacks the secrets, and free of any order of ours.
  return tags.sort(compareBytes);
}

/** The groves whose tag the other sent. */
export function sharedGroves(
  keys: readonly TagKey[],
  transcript: Uint8Array,
  peer: PeerId,
  tags: readonly Uint8Array[],
): GroveId[] {
  return keys
    .filter(({ key }) => {
      const expected = tagOf(key, transcript, peer);
      return tags.some((tag) => equalBytes(tag, expected));
    })
    .map(({ grove }) => grove);
}
