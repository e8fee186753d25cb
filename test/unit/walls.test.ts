// The walls of the house hold: what eslint.config.js forbids is really reported, file by file.
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint({ cwd: new URL('../..', import.meta.url).pathname });

/** Lint messages about imports that this text would get in the place of that file. */
async function complaints(file: string, imported: string): Promise<string[]> {
  const [result] = await eslint.lintText(`import '${imported}';\n`, { filePath: file });
  return (result?.messages ?? [])
    .filter(({ ruleId }) => ruleId === 'no-restricted-imports')
    .map(({ message }) => message);
}

const FORBIDDEN = [
  ['worker/core/sync/log.ts', 'idb'],
  ['worker/core/sync/log.ts', 'node:fs'],
  ['worker/core/sync/log.ts', '../cas/machine.ts'],
  ['worker/core/cas/machine.ts', '../sync/machine.ts'],
  ['worker/core/link/machine.ts', '../access/membership.ts'],
  ['worker/core/access/membership.ts', '../node.ts'],
  ['worker/core/graph/views.ts', '../../adapters/clock.ts'],
  ['worker/core/graph/views.ts', '../../rpc/api.ts'],
  ['worker/core/node.ts', '../driver.ts'],
  ['worker/core/model/entry.ts', '../sync/log.ts'],
  ['worker/adapters/store-memory.ts', '../core/sync/machine.ts'],
  ['worker/adapters/store-memory.ts', '../core/node.ts'],
  ['src/api.ts', '../worker/core/node.ts'],
  ['src/api.ts', 'simple-peer/lite.js'],
  ['src/links/host.ts', 'simple-peer/lite.js'],
] as const;

const ALLOWED = [
  ['worker/core/sync/log.ts', '../model/entry.ts'],
  ['worker/core/sync/log.ts', '@noble/hashes/blake3.js'],
  ['worker/core/node.ts', './sync/machine.ts'],
  ['worker/adapters/store-memory.ts', '../core/ports.ts'],
  ['src/links/channel.ts', 'simple-peer/lite.js'],
  ['src/api.ts', '../worker/rpc/client.ts'],
] as const;

describe('the walls', { timeout: 120_000 }, () => {
  it('refuse what crosses them', async () => {
    for (const [file, imported] of FORBIDDEN) {
      expect(await complaints(file, imported), `${file} importing ${imported}`).not.toEqual([]);
    }
  });

  it('let through what belongs', async () => {
    for (const [file, imported] of ALLOWED) {
      expect(await complaints(file, imported), `${file} importing ${imported}`).toEqual([]);
    }
  });
});
