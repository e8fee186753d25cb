// The simulator as one file of plain JavaScript, and processes that run it. The loader of TypeScript names each closure as it
// is made, which costs a run a seventh of its time. Built anew each time: a run is of the sources as they are. Knows no run.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const HERE = fileURLToPath(new URL('.', import.meta.url));

export interface Program {
  start(args: readonly string[], heapMB: number): ChildProcess;
  /** Takes it off the disk. Idempotent. */
  close(): void;
}

/**
 * `semi-space`: most of what a frame leaves is garbage at once; the platform's 16 MiB are full so often that what still
 * lives is copied again and again (5 % of a run). `sparkplug`: code runs compiled from its second call on (5 %).
 */
const FLAGS = ['--max-semi-space-size=64', '--always-sparkplug', '--enable-source-maps'];

/** `entry`: a file of this folder. */
export async function buildProgram(entry: string): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'thicket-sim-'));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  // However the process ends.
  process.once('exit', close);
  await build({
    configFile: false,
    root: HERE,
    logLevel: 'error',
    build: {
      ssr: join(HERE, entry),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rolldownOptions: { output: { entryFileNames: 'program.mjs', codeSplitting: false } },
    },
    ssr: { noExternal: true },
  });
  return {
    start: (args, heapMB) =>
      fork(join(folder, 'program.mjs'), args, {
        execArgv: [...FLAGS, `--max-old-space-size=${heapMB}`],
        env: { ...process.env, NODE_OPTIONS: '' },
      }),
    close,
  };
}
