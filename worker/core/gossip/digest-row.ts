// One row of a digest: a holder's signed word that it holds the whole of a contribution, and where that stands in the
// rankings (SPEC H1). Knows neither who else holds it nor whom to tell.
import { CONFIG } from '../config.ts';
import { LIMITS } from '../model/manifest.ts';
import {
  cidOf,
  hashOfCid,
  idBytes,
  toHash,
  toPeerId,
  type Cid,
  type GroveId,
  type PeerId,
} from '../model/ids.ts';
import { signedMessage } from '../model/keys.ts';
import { LABEL } from '../model/labels.ts';
import { asArray, asId, asOneOf, asText, asUint, decode, encode } from '../wire/cbor.ts';
import { MAX_DIGEST_ROW } from '../wire/frame.ts';

export type Direction = 'minimize' | 'maximize';

/** A ranking's name: one of the four, or `metric/` and the metric's name. */
export const METRIC = 'metric/';
export const RANKINGS = ['adoption', 'recency', 'review', 'reproduction'] as const;

export interface DigestPlace {
  ranking: string;
  value: number;
  /** Of what is no metric always `maximize`. */
  direction: Direction;
}

/** What the row says of the contribution. */
export interface DigestItem {
  cid: Cid;
  kind: string;
  mode: string;
  summary: string;
  tags: readonly string[];
  /** Never empty. */
  places: readonly DigestPlace[];
}

export interface DigestRow extends DigestItem {
  holder: PeerId;
  /** Grows with each row that the holder signs. */
  seq: number;
  /** ms from its signing. */
  life: number;
}

const isRanking = (text: string): boolean =>
  text.startsWith(METRIC) || RANKINGS.some((each) => each === text);

export const digestMessage = (grove: GroveId, row: Uint8Array): Uint8Array =>
  signedMessage(LABEL.digest, idBytes(grove), row);

/** Null where it would not fit: too long tags, say. */
export function encodeDigestRow(row: DigestRow): Uint8Array | null {
  const bytes = encode([
    idBytes(row.holder),
    row.seq,
    row.life,
    idBytes(hashOfCid(row.cid)),
    row.kind,
    row.mode,
    row.summary,
    row.tags,
    row.places.map(({ ranking, value, direction }) => [ranking, value, direction]),
  ]);
  return bytes.length <= MAX_DIGEST_ROW ? bytes : null;
}

/** Null for what is no row of ours; later versions may append fields. */
export function decodeDigestRow(bytes: Uint8Array): DigestRow | null {
  const decoded = decode(bytes, { maxBytes: MAX_DIGEST_ROW });
  const fields = decoded.ok ? asArray(decoded.value, 32) : null;
  if (fields === null) return null;
  const [rawHolder, rawSeq, rawLife, rawCid, rawKind, rawMode, rawSummary, rawTags, rawPlaces] = fields;
  const holder = asId(rawHolder, toPeerId);
  const seq = asUint(rawSeq);
  const life = asUint(rawLife, CONFIG.digest.life);
  const hash = asId(rawCid, toHash);
  const kind = asText(rawKind, LIMITS.word);
  const mode = asText(rawMode, LIMITS.word);
  const summary = asText(rawSummary, LIMITS.summary);
  const tags = asArray(rawTags, CONFIG.digest.tags)?.map((raw) => asText(raw, LIMITS.tag));
  const places = asArray(rawPlaces, CONFIG.digest.places)?.map(readPlace);
  if (holder === null || seq === null || life === null || hash === null) return null;
  if (kind === null || mode === null || summary === null || !tags || !places || places.length === 0)
    return null;
  const row = { holder, seq, life, cid: cidOf(hash), kind, mode, summary };
  if (tags.includes(null) || places.includes(null)) return null;
  return {
    ...row,
    tags: tags.filter((tag) => tag !== null),
    places: places.filter((place) => place !== null),
  };
}

function readPlace(raw: unknown): DigestPlace | null {
  const fields = asArray(raw, 8);
  const ranking = asText(fields?.[0], METRIC.length + LIMITS.name);
  const value = fields?.[1];
  const direction = asOneOf(fields?.[2], ['minimize', 'maximize']);
  if (ranking === null || !isRanking(ranking) || direction === null) return null;
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  return { ranking, value, direction: ranking.startsWith(METRIC) ? direction : 'maximize' };
}
