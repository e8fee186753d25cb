// The DTLS fingerprint of a session description, in one normal form. Knows nothing of connections.

/** `sha-256 AA:BB:…`, or null where there is none, another algorithm's, or several that differ. */
export function fingerprintOf(sdp: string): string | null {
  let found: string | null = null;
  for (const match of sdp.matchAll(/^a=fingerprint:[ \t]*(\S+)[ \t]+(\S+)[ \t]*\r?$/gim)) {
    const [, algorithm = '', digest = ''] = match;
    if (algorithm.toLowerCase() !== 'sha-256' || !/^[0-9a-f]{2}(:[0-9a-f]{2}){31}$/i.test(digest))
      return null;
    const normal = `sha-256 ${digest.toUpperCase()}`;
    if (found !== null && found !== normal) return null;
    found = normal;
  }
  return found;
}
