// Trusted Types: the only addresses of ours that may become workers. Must be imported by nothing that handles what
// others wrote.

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

const { trustedTypes } = globalThis as typeof globalThis & { trustedTypes?: Policies };
const policy = trustedTypes?.createPolicy('thicket', {
  createScriptURL(url) {
    const { origin, pathname } = new URL(url, location.href);
    if (origin === location.origin && pathname.endsWith('.js')) return url;
    // The development server gives the sources as they are.
    if (import.meta.env.DEV && origin === location.origin) return url;
    throw new TypeError(`not a script of this app: ${url}`);
  },
});

/** A script of this app, in the form that the browser takes under `require-trusted-types-for 'script'`. */
export function scriptUrl(url: string): string {
  // A TrustedScriptURL stands wherever the platform's typings still say string.
  return (policy ? policy.createScriptURL(url) : url) as string;
}
