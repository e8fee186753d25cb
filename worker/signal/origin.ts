// Whether a page of some origin may use the endpoint (SPEC E6). Knows no sockets.

/** Origins such as `https://app.example`, or `*` among them for any. */
export type Origins = readonly string[];

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * True for what is no page (it sends no Origin), for a page of the host that is asked, whatever the port, and for the
 * origins listed. Names of the machine itself count as one.
 */
export function allowsOrigin(
  origins: Origins,
  origin: string | undefined,
  host: string | undefined,
): boolean {
  if (origin === undefined || origins.includes('*') || origins.includes(origin)) return true;
  const page = hostName(origin);
  const own = hostName(`http://${host ?? ''}`);
  return page !== null && own !== null && page === own;
}

function hostName(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { hostname } = new URL(url);
  return LOOPBACK.has(hostname) ? 'localhost' : hostname || null;
}

/** A comma-separated list, or the first entry that is no origin. */
export function parseOrigins(text: string): { origins: Origins } | { bad: string } {
  const list = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const bad = list.find((item) => item !== '*' && !(URL.canParse(item) && new URL(item).origin === item));
  return bad === undefined ? { origins: list } : { bad };
}
