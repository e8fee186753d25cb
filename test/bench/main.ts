// `tsx test/bench/main.ts [--job NAME]… [--mib N] [--runs N] [--contributions N]`: one line of JSON per figure; without --job, all of them.
// `--list` names the jobs. The app is the build in dist/, or in env THICKET_DIST.
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { corrupt } from './corrupt.ts';
import { files } from './files.ts';
import { floods } from './flood.ts';
import { graph } from './graph.ts';
import { ingest } from './ingest.ts';
import { tellAs, type Job } from './job.ts';
import { join } from './join.ts';
import { killed } from './killed.ts';
import { latency } from './latency.ts';
import { screens } from './screens.ts';
import { small } from './small.ts';
import { sources } from './sources.ts';
import { transfer } from './transfer.ts';
import { warm } from './warm.ts';

const JOBS: readonly Job[] = [
  transfer,
  warm,
  sources,
  killed,
  corrupt,
  ingest,
  small,
  latency,
  files,
  graph,
  join,
  screens,
  floods,
];

const { values } = parseArgs({
  options: {
    job: { type: 'string', multiple: true },
    mib: { type: 'string' },
    runs: { type: 'string' },
    contributions: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (values.list) {
    for (const { name, about, mib, runs } of JOBS)
      console.log(`${name.padEnd(12)}${about} (${mib} MiB, ${runs} runs)`);
    return 0;
  }
  const names = values.job ?? JOBS.map(({ name }) => name);
  const jobs = JOBS.filter(({ name }) => names.includes(name));
  const numbers = [values.mib, values.runs, values.contributions]
    .filter((text) => text !== undefined)
    .map(Number);
  if (jobs.length !== names.length || numbers.some((number) => !(number > 0))) {
    console.error(
      `--job is one of: ${JOBS.map(({ name }) => name).join(', ')}; --mib, --runs and --contributions are numbers`,
    );
    return 2;
  }
  tellAs('machine')('where this ran', {
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
  });
  let failed = 0;
  for (const job of jobs) {
    const tell = tellAs(job.name);
    try {
      await job.run({
        mib: Number(values.mib ?? job.mib),
        runs: Number(values.runs ?? job.runs),
        ...(values.contributions === undefined ? {} : { contributions: Number(values.contributions) }),
        tell,
      });
    } catch (error) {
      // The others still have something to say.
      failed += 1;
      tell('failed', { reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return failed === 0 ? 0 : 1;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

process.exitCode = await main();
