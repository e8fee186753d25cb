// Many seeds of one scenario, in several processes at once. As a command: `npm run sim:soak -- --from A --to B [--peers N]
// [--seconds T] [--scenario NAME] [--processes P]`: one line for each seed that fails, and one in the end.
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runScenario } from './finish.ts';
import { SCENARIOS } from './scenarios.ts';

export interface Job {
  scenario: string;
  seed: number;
  peers: number;
  seconds: number;
}

export interface Judged extends Job {
  /** All that was wrong; empty where nothing was. */
  wrong: readonly string[];
  wallS: number;
  transcript: string;
  /** The process that ran it ends. */
  fatal?: true;
}

const HERE = fileURLToPath(import.meta.url);
/** Heap of one process, MB: enough for a hundred devices, little enough for several processes. */
const HEAP = 2_048;

async function judge(job: Job): Promise<Judged> {
  const scenario = SCENARIOS.find(({ name }) => name === job.scenario);
  if (scenario === undefined) return { ...job, wrong: ['no such scenario'], wallS: 0, transcript: '' };
  try {
    const { result, violations, shortfalls } = await runScenario(scenario, job);
    const { wallS, transcript } = result;
    return { ...job, wrong: [...violations, ...shortfalls], wallS, transcript };
  } catch (error) {
    const wrong = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    return { ...job, wrong, wallS: 0, transcript: '' };
  }
}

/** Runs each once, a process that is free takes the next. Told of each as it ends, in no certain order. */
export async function runJobs(
  jobs: readonly Job[],
  onJudged: (judged: Judged) => void,
  processes = availableParallelism(),
): Promise<void> {
  const left = [...jobs];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(HERE, ['--child'], {
        execArgv: ['--import', loader, `--max-old-space-size=${HEAP}`],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
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
  await Promise.all(Array.from({ length: Math.min(processes, jobs.length) }, run));
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

function serve(): void {
  let current: Job | null = null;
  process.on('message', (job: Job) => {
    current = job;
    void judge(job).then((judged) => process.send?.(judged));
  });
  // Whatever a node throws is nobody's to catch.
  process.on('uncaughtException', (error) => {
    if (current === null) process.exit(1);
    const wrong = [error.stack ?? error.message];
    process.send?.({ ...current, wrong, wallS: 0, transcript: '', fatal: true }, () => process.exit(1));
  });
}

if (process.argv[1] === HERE) {
  if (process.argv.includes('--child')) serve();
  else process.exitCode = await main();
}
