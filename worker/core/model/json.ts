// JSON as values (M4) and as canonical text (RFC 8785): what may be in it, how deep, and its one form.
import canonicalize from 'canonicalize';
import { isWellFormed } from './bytes.ts';
import { fail, ok } from './errors.ts';
import type { Result } from './errors.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Levels of brackets. */
export const JSON_DEPTH = 32;

/** RFC 8785. Of what `jsonProblem` finds nothing wrong with. */
export const canonicalJson = (value: unknown): string => canonicalize(value) ?? '';

export function parseJson(source: string, what: string): Result<unknown> {
  try {
    return ok(JSON.parse(source) as unknown);
  } catch (error) {
    return fail('corrupt', `${what}: ${error instanceof Error ? error.message : 'not JSON'}`);
  }
}

/** A value from its canonical text; any other form of it is refused. Never throws. */
export function parseCanonicalJson(source: string, what = 'value'): Result<Json> {
  if (nesting(source) > JSON_DEPTH) return fail('corrupt', `${what}: at most ${JSON_DEPTH} levels`);
  const parsed = parseJson(source, what);
  if (!parsed.ok) return parsed;
  const problem = jsonProblem(parsed.value, what);
  if (problem !== null) return fail('corrupt', problem);
  return canonicalJson(parsed.value) === source
    ? ok(parsed.value as Json)
    : fail('corrupt', `${what}: not in canonical form`);
}

/** How deep the brackets of a JSON text go, strings aside. */
export function nesting(source: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < source.length; i++) {
    const letter = source[i];
    if (quoted && letter === '\\') i++;
    else if (letter === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (letter === '[' || letter === '{') deepest = Math.max(deepest, ++depth);
    else if (letter === ']' || letter === '}') depth--;
  }
  return deepest;
}

/**
 * Whether a text is the canonical one of the value that was parsed from it. Mostly the engine writes it as it is; but it
 * puts names that are numbers first.
 */
export const isCanonicalText = (value: unknown, source: string): boolean =>
  (hasOrderedKeys(value) && JSON.stringify(value) === source) || canonicalJson(value) === source;

function hasOrderedKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(hasOrderedKeys);
  let last: string | null = null;
  for (const [key, item] of Object.entries(value)) {
    if (last !== null && last >= key) return false;
    if (!hasOrderedKeys(item)) return false;
    last = key;
  }
  return true;
}

/** M4, and what JSON has no form for. Undefined fields count as absent. */
export function jsonProblem(value: unknown, field: string, depth = 0): string | null {
  // Almost always nothing is wrong, and then no path has to be put together.
  return isSound(value, depth) ? null : problemIn(value, field, depth);
}

function isSound(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') return isWellFormed(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth >= JSON_DEPTH) return false;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) if (!isSound(item, depth + 1)) return false;
    return true;
  }
  if (!isPlainObject(value)) return false;
  for (const [key, item] of Object.entries(value))
    if (!isWellFormed(key) || (item !== undefined && !isSound(item, depth + 1))) return false;
  return true;
}

function problemIn(value: unknown, field: string, depth: number): string | null {
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'string')
    return isWellFormed(value) ? null : `${field}: well-formed text, given a lone surrogate`;
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : `${field}: a finite number, given ${value}`;
  if (typeof value !== 'object') return `${field}: a JSON value, given ${typeof value}`;
  if (depth >= JSON_DEPTH) return `${field}: at most ${JSON_DEPTH} levels`;
  if (Array.isArray(value))
    return firstProblem(
      Array.from(value, (item: unknown, index) => () => problemIn(item, `${field}[${index}]`, depth + 1)),
    );
  if (!isPlainObject(value)) return `${field}: a JSON value, given ${Object.prototype.toString.call(value)}`;
  return firstProblem(
    Object.entries(value).map(([key, item]: [string, unknown]) => () => {
      if (!isWellFormed(key)) return `${field} key: well-formed text, given a lone surrogate`;
      return item === undefined ? null : problemIn(item, `${field}.${key.slice(0, 80)}`, depth + 1);
    }),
  );
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects that crossed a realm have another Object.prototype, which itself has none.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

export function firstProblem(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const problem = check();
    if (problem !== null) return problem;
  }
  return null;
}
