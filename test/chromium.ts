// Where the Chromium that tests drive is, and how it is started. Knows nothing of what is tested in it.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The first of: env CHROMIUM_PATH, a system package, the one Playwright installed. Throws where there is none. */
export function chromiumPath(): string {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') {
    if (!existsSync(given)) throw new Error(`CHROMIUM_PATH names ${given}, which does not exist`);
    return given;
  }
  const found = [...INSTALLED, chromium.executablePath()].find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(
      'No Chromium found: install one, run "npx playwright install chromium", or set CHROMIUM_PATH',
    );
  }
  return found;
}

/** Loopback links need host candidates without mDNS; root, which CI often is, cannot have the sandbox. */
export const launchArgs: string[] = [
  '--disable-background-networking',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];
