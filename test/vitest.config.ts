// Which tests run where: `unit` in Node, `browser` in real headless Chromium.
import { playwright } from '@vitest/browser-playwright';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { browserCommands } from './contract/browser.commands.ts';
import { chromiumPath, launchArgs } from './chromium.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  test: {
    projects: [
      {
        root,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.node.test.ts'],
        },
      },
      {
        root,
        test: {
          name: 'browser',
          include: ['test/contract/**/*.browser.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            commands: browserCommands,
            provider: playwright({ launchOptions: { executablePath: chromiumPath(), args: launchArgs } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
