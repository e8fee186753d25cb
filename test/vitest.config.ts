// Which tests run where: `unit` in Node, `browser` in real headless Chromium.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { browserCommands } from './contract/browser.commands.ts';
import { chromiumPath, launchArgs } from './chromium.ts';

const BROWSER_DEPENDENCIES = [
  '@noble/ciphers/chacha.js',
  '@noble/curves/ed25519.js',
  '@noble/ed25519',
  '@noble/hashes/blake3.js',
  '@noble/hashes/hkdf.js',
  '@noble/hashes/hmac.js',
  '@noble/hashes/sha2.js',
  '@noble/hashes/utils.js',
  'cborg',
  'fast-check',
  'hash-wasm',
  'idb',
];
/** Tests of browsers mostly wait: so many files at once keep two cores busy and none of them waiting for long. */
const FILES_AT_ONCE = 3;
/** What has a bound on time or memory, needs all of the machine, or starts many browsers, has it for itself. */
const ALONE = ['flood', 'killed', 'memory', 'mesh', 'tabs', 'transfers', 'worker'].map(
  (name) => `test/e2e/${name}.e2e.ts`,
);
/** ms. A busy CI machine is many times slower than a quiet one; no test passes by running into it. */
const SLOW_MACHINE = 60_000;
/** What takes longest begins first, so that no core is left idle in the end. By itself vitest goes by the size of files. */
const LONGEST = [
  'quality.e2e.ts',
  'quality-grove.e2e.ts',
  'seeds.test.ts',
  'fuzz.test.ts',
  'hostile.test.ts',
];
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
const root = fileURLToPath(new URL('..', import.meta.url));

/** Chromium is looked for when it is launched: the other projects do without. */
const launchOptions = {
  get executablePath(): string {
    return chromiumPath();
  },
  args: launchArgs,
};

export default defineConfig({
  root,
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        root,
        // For the state classes of the page: their runes are compiled.
        plugins: [svelte({ configFile: fileURLToPath(new URL('../svelte.config.js', import.meta.url)) })],
        test: {
          name: 'unit',
          // By itself vitest leaves one core of two idle.
          maxWorkers: 2,
          environment: 'node',
          testTimeout: SLOW_MACHINE,
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.node.test.ts'],
        },
      },
      {
        root,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.e2e.ts'],
          exclude: ALONE,
          maxWorkers: FILES_AT_ONCE,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        root,
        test: {
          name: 'alone',
          environment: 'node',
          include: ALONE,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        root,
        // Named beforehand: what the bundler only finds during the run makes it reload the page under a test.
        optimizeDeps: { include: BROWSER_DEPENDENCIES },
        test: {
          name: 'browser',
          testTimeout: SLOW_MACHINE,
          include: ['test/contract/**/*.browser.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            commands: browserCommands,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
