// Many seeds of one scenario, in several processes at once. As a command: `npm run sim:soak -- --from A --to B [--peers N]
// [--seconds T] [--scenario NAME] [--processes P]`: one line for each seed that fails, and one in the end.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildProgram } from './built.ts';
import type { Job, Judged } from './judge.ts';

export type { Judged } from './judge.ts';

/** Heap of one process, MB: enough for a hundred devices, little enough for several processes. */
const HEAP = 2_048;

/** Runs each once, a process that is free takes the next. Told of each as it ends, in no certain order. */
export async function runJobs(
  jobs: readonly Job[],
  onJudged: (judged: Judged) => void,
  processes = availableParallelism(),
): Promise<void> {
  const left = [...jobs];
  const program = await buildProgram('judge.ts');
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = program.start([], HEAP);
      let current: Job | null = null;
      const next = (): void => {
        current = left.shift() ?? null;
        if (current === null) child.disconnect();
        else child.send(current);
      };
      child.on('message', (judged: Judged) => {
        onJudged(judged);
        if (judged.fatal === true) current = null;
        else next();
      });
      child.on('error', reject);
      child.on('exit', (code) => {
        if (current !== null)
          onJudged({ ...current, wrong: [`the process ended with ${code}`], wallS: 0, transcript: '' });
        // One that ran out of memory leaves the rest to a new one.
        if (left.length > 0) run().then(resolve, reject);
        else resolve();
      });
      next();
    });
  await Promise.all(Array.from({ length: Math.min(processes, jobs.length) }, run)).finally(program.close);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'mixed' },
      from: { type: 'string', default: '1' },
      to: { type: 'string', default: '1000' },
      peers: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '15' },
      processes: { type: 'string', default: `${availableParallelism()}` },
    },
  });
  const startedAt = performance.now();
  const jobs: Job[] = [];
  for (let seed = Number(values.from); seed <= Number(values.to); seed += 1)
    jobs.push({
      scenario: values.scenario,
      seed,
      peers: Number(values.peers),
      seconds: Number(values.seconds),
    });
  let failed = 0;
  const onJudged = ({ seed, wrong }: Judged): void => {
    if (wrong.length === 0) return;
    failed += 1;
    console.log(JSON.stringify({ scenario: values.scenario, seed, wrong: wrong.slice(0, 5) }));
  };
  await runJobs(jobs, onJudged, Number(values.processes));
  const wallS = Math.round((performance.now() - startedAt) / 1_000);
  console.log(JSON.stringify({ ...values, seeds: jobs.length, failed, wallS }));
  return failed > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
