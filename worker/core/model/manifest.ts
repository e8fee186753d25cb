// Grove manifests (M1-M5): limits, canonical bytes and CID. Knows nothing of entries or of who signs.
import { fromUtf8, utf8 } from './bytes.ts';
import { fail, ok } from './errors.ts';
import type { Result } from './errors.ts';
import { cidOf, isCid, toHash } from './ids.ts';
import type { Cid, Hash } from './ids.ts';
import {
  JSON_DEPTH,
  canonicalJson,
  firstProblem,
  isCanonicalText,
  jsonProblem,
  nesting,
  parseJson,
} from './json.ts';
import type { Json } from './json.ts';
import { hash32 } from './keys.ts';

export type RelationType = 'derives_from' | 'responds_to' | 'reviews' | 'reproduces' | 'adopts';
export type { Json } from './json.ts';
export interface Score {
  value: number;
  direction: 'minimize' | 'maximize';
  unit?: string;
}
export interface Relation {
  targetCid: string;
  /** One of these when written here. A manifest from elsewhere may carry another name of up to 64 characters. */
  relationType: RelationType;
  metadata?: { [key: string]: Json };
}
export interface Agent {
  agentId: string;
  agentName?: string;
  platform?: string;
  [key: string]: Json | undefined;
}
/** A Grove manifest, version 1. Unknown fields are kept and hashed. */
export interface Manifest {
  manifestVersion: number;
  kind: string;
  mode: string;
  summary: string;
  description?: string;
  /** Name -> `blake3:` + hex of the artifact's bytes. */
  artifacts: { [name: string]: string };
  relations: Relation[];
  scores?: { [metric: string]: Score };
  tags: string[];
  context?: { [key: string]: Json };
  agent: Agent;
  createdAt: string;
}

/** Lengths are in UTF-16 code units, as Grove counts them. */
export const LIMITS = {
  bytes: 1024 * 1024,
  depth: JSON_DEPTH,
  summary: 256,
  description: 65_536,
  artifacts: 1000,
  artifactName: 256,
  relations: 1000,
  tags: 100,
  tag: 128,
  scores: 100,
  context: 100,
  /** Kinds, modes, relation types, units and createdAt. */
  word: 64,
  /** Metric names and what an agent calls itself. */
  name: 256,
} as const;

const ARTIFACT_NAME = /^[A-Za-z0-9][A-Za-z0-9._/ -]*$/;

/** What is wrong with a value, or null. `field` is its path in the manifest. */
export type Check = (value: unknown, field: string) => string | null;
type Fields = Readonly<Record<string, unknown>>;

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? JSON.stringify(value.slice(0, 80))
    : Array.isArray(value)
      ? 'an array'
      : typeof value;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text =
  (min: number, max: number): Check =>
  (value, field) => {
    if (typeof value !== 'string') return `${field}: text, given ${shown(value)}`;
    if (value.length >= min && value.length <= max) return null;
    return `${field}: ${min} to ${max} characters, given ${value.length}`;
  };
const word = text(1, LIMITS.word);
const name = text(1, LIMITS.name);

const optional =
  (check: Check): Check =>
  (value, field) =>
    value === undefined ? null : check(value, field);

const list =
  (max: number, item: Check): Check =>
  (value, field) => {
    if (!Array.isArray(value)) return `${field}: an array, given ${shown(value)}`;
    if (value.length > max) return `${field}: at most ${max} items, given ${value.length}`;
    return firstProblem(value.map((each: unknown, index) => () => item(each, `${field}[${index}]`)));
  };

const table =
  (max: number, key: Check, item: Check): Check =>
  (value, field) => {
    if (!isFields(value)) return `${field}: an object, given ${shown(value)}`;
    const entries = Object.entries(value);
    if (entries.length > max) return `${field}: at most ${max} keys, given ${entries.length}`;
    return firstProblem(
      entries.map(
        ([each, held]) =>
          () =>
            key(each, `${field} key`) ?? item(held, `${field}.${each.slice(0, 80)}`),
      ),
    );
  };

/** An object with at least these fields; others may follow. */
const record =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, field) => {
    if (!isFields(value)) return `${field}: an object, given ${shown(value)}`;
    const prefix = field === 'manifest' ? '' : `${field}.`;
    return firstProblem(
      Object.entries(checks).map(
        ([key, check]) =>
          () =>
            check(value[key], prefix + key),
      ),
    );
  };

const anything: Check = () => null;
const number: Check = (value, field) =>
  typeof value === 'number' ? null : `${field}: a number, given ${shown(value)}`;
const version: Check = (value, field) =>
  Number.isSafeInteger(value) && Number(value) >= 1
    ? null
    : `${field}: an integer from 1, given ${shown(value)}`;
const cid: Check = (value, field) =>
  isCid(value) ? null : `${field}: blake3: and 64 hex digits, given ${shown(value)}`;
const direction: Check = (value, field) =>
  value === 'minimize' || value === 'maximize'
    ? null
    : `${field}: minimize or maximize, given ${shown(value)}`;
/** M3. */
export const artifactName: Check = (value, field) => {
  const problem = text(1, LIMITS.artifactName)(value, field);
  if (problem !== null || typeof value !== 'string') return problem;
  const plain =
    ARTIFACT_NAME.test(value) && value.split('/').every((part) => !['', '.', '..'].includes(part));
  return plain
    ? null
    : `${field}: letters, digits, "._/ -" and no empty or dot segment, given ${shown(value)}`;
};

const checkFields = record({
  manifestVersion: version,
  kind: word,
  mode: word,
  summary: text(1, LIMITS.summary),
  description: optional(text(0, LIMITS.description)),
  artifacts: table(LIMITS.artifacts, artifactName, cid),
  relations: list(
    LIMITS.relations,
    record({ targetCid: cid, relationType: word, metadata: optional(table(Infinity, anything, anything)) }),
  ),
  scores: optional(
    table(LIMITS.scores, name, record({ value: number, direction, unit: optional(text(0, LIMITS.word)) })),
  ),
  tags: list(LIMITS.tags, text(0, LIMITS.tag)),
  context: optional(table(LIMITS.context, anything, anything)),
  agent: record({
    agentId: name,
    agentName: optional(text(0, LIMITS.name)),
    platform: optional(text(0, LIMITS.name)),
  }),
  createdAt: word,
});

/** M2-M4. Refuses with `invalid` and a message that names field, limit and what was given. Takes away `cid` only. */
export function checkManifest(value: unknown): Result<Manifest> {
  if (!isManifest(value)) return fail('invalid', problemWith(value) ?? 'manifest: not a manifest');
  return ok(withoutCid(value));
}

const problemWith = (value: unknown): string | null =>
  checkFields(value, 'manifest') ?? jsonProblem(value, 'manifest', 0);
const isManifest = (value: unknown): value is Manifest => problemWith(value) === null;

function withoutCid(manifest: Manifest): Manifest {
  const copy: Manifest & { cid?: unknown } = { ...manifest };
  delete copy.cid;
  return copy;
}

/** M1. Of what passed `checkManifest`: limits of fields are not looked at again, what has no canonical bytes is refused. */
export function canonicalManifest(manifest: Manifest): Result<{ bytes: Uint8Array; hash: Hash; cid: Cid }> {
  const problem = jsonProblem(manifest, 'manifest', 0);
  if (problem !== null) return fail('invalid', problem);
  const bytes = utf8(canonicalJson(withoutCid(manifest)));
  if (bytes.length > LIMITS.bytes)
    return fail('too-large', `manifest: at most ${LIMITS.bytes} canonical bytes, given ${bytes.length}`);
  const hash = toHash(hash32(bytes));
  return ok({ bytes, hash, cid: cidOf(hash) });
}

/** M5. Never throws. */
export function parseManifest(bytes: Uint8Array): Result<Manifest> {
  if (bytes.length > LIMITS.bytes)
    return fail('too-large', `manifest: at most ${LIMITS.bytes} bytes, given ${bytes.length}`);
  const source = fromUtf8(bytes);
  if (!source.ok) return source;
  if (nesting(source.value) > LIMITS.depth)
    return fail('corrupt', `manifest: at most ${LIMITS.depth} levels`);
  const value = parseJson(source.value, 'manifest');
  if (!value.ok) return value;
  const manifest = checkManifest(value.value);
  if (!manifest.ok) return manifest;
  // What is wrong with JSON was looked for above: here only its form is compared.
  return isCanonicalText(manifest.value, source.value)
    ? manifest
    : fail('corrupt', 'manifest: not in canonical form');
}
