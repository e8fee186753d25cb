// Looks for secrets in recorded bytes, in each of the encodings that a careless programmer would send them in.
// Knows nothing of where the bytes come from.
import { Buffer } from 'node:buffer';

export interface Found {
  needle: string;
  encoding: string;
}

const utf8 = new TextEncoder();
/** Shorter ones turn up in random bytes by chance. */
const SHORTEST = 4;

/** Name of the encoding -> the bytes to look for. */
export function encodings(secret: string | Uint8Array): Map<string, Uint8Array> {
  const raw = typeof secret === 'string' ? utf8.encode(secret) : secret;
  if (raw.length < SHORTEST) throw new Error(`${raw.length} bytes are too few to look for`);
  const buffer = Buffer.from(raw);
  const found = new Map<string, Uint8Array>([
    ['raw', raw],
    ['hex', utf8.encode(buffer.toString('hex'))],
    ['HEX', utf8.encode(buffer.toString('hex').toUpperCase())],
  ]);
  if (typeof secret === 'string') {
    found.set('UTF-16', Buffer.from(secret, 'utf16le'));
    if (encodeURIComponent(secret) !== secret) found.set('percent', utf8.encode(encodeURIComponent(secret)));
  }
  for (const shift of [0, 1, 2]) {
    for (const encoding of ['base64', 'base64url'] as const)
      found.set(`${encoding}+${shift}`, utf8.encode(unaligned(buffer, shift, encoding)));
  }
  return found;
}

/** The characters of a base64 text that depend on the secret alone where it begins `shift` bytes into a group of three. */
function unaligned(secret: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(shift), secret]).toString(encoding);
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + secret.length) * 8) / 6));
}

/** Every secret in every encoding that the bytes contain. */
export function scan(
  bytes: readonly Uint8Array[],
  secrets: ReadonlyMap<string, string | Uint8Array>,
): Found[] {
  const haystack = Buffer.concat(bytes);
  return [...secrets].flatMap(([needle, secret]) =>
    [...encodings(secret)]
      .filter(([, encoded]) => haystack.includes(Buffer.from(encoded)))
      .map(([encoding]) => ({ needle, encoding })),
  );
}
