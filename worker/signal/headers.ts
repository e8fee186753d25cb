// The response headers of the app, as one table: server.ts serves by it, and public/_headers says the same to static
// hosts (a test keeps the two equal). Knows no files.

/** A `*` at the end of a path stands for any rest. All rules that match apply; no two of them set the same header. */
export interface HeaderRule {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** On every response, because a worker obeys the policy of its own script's response and not the page's. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'", // hash-wasm
  "worker-src 'self'",
  "connect-src 'self' ws: wss:", // an invite may name another endpoint
  "img-src 'self' blob: data:", // previews of artifacts
  "media-src 'self' blob:", // and of recordings
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'", // of the views
  "frame-src 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types thicket svelte-trusted-html', // src/trusted.ts, and Svelte's templates
].join('; ');

const UNUSED_FEATURES = [
  'accelerometer',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
];

const REVALIDATE = { 'Cache-Control': 'no-cache' };

export const HEADER_RULES: readonly HeaderRule[] = [
  {
    path: '/*',
    headers: {
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      // The camera reads QR codes.
      'Permissions-Policy': ['camera=(self)', ...UNUSED_FEATURES.map((name) => `${name}=()`)].join(', '),
    },
  },
  // Their names carry a hash of their bytes.
  { path: '/assets/*', headers: { 'Cache-Control': 'public, max-age=31536000, immutable' } },
  // What decides which version runs is asked for anew each time.
  ...['/', '/index.html', '/peer.js', '/sw.js', '/manifest.webmanifest'].map((path) => ({
    path,
    headers: REVALIDATE,
  })),
];

/** Headers of a response at an absolute path. What no rule caches is revalidated. */
export function headersFor(path: string): Record<string, string> {
  const headers: Record<string, string> = { ...REVALIDATE };
  for (const rule of HEADER_RULES) if (matches(rule.path, path)) Object.assign(headers, rule.headers);
  return headers;
}

/** The table in the `_headers` syntax of static hosts. */
export function renderHeaderRules(rules: readonly HeaderRule[] = HEADER_RULES): string {
  return rules
    .map(({ path, headers }) =>
      [path, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`), ''].join('\n'),
    )
    .join('\n');
}

function matches(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}
