// `npm run -s sim -- …`: builds the simulator and runs it (run.ts says with which options).
import { buildProgram } from './built.ts';

/** Heap, MB: enough for a thousand devices. */
const HEAP = 14_000;

const program = await buildProgram('run.ts');
const child = program.start(process.argv.slice(2), HEAP);
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
});
