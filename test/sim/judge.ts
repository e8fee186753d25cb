// A process that runs scenarios one after the other as it is told, and says what was wrong with each (seeds.ts tells it).
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

let current: Job | null = null;
process.on('message', (job: Job) => {
  current = job;
  void judge(job).then((judged) => process.send?.(judged));
});
// Whatever a node throws is nobody's to catch.
process.on('uncaughtException', (error) => {
  if (current === null) process.exit(1);
  const wrong = [error.stack ?? error.message];
  const judged: Judged = { ...current, wrong, wallS: 0, transcript: '', fatal: true };
  process.send?.(judged, () => process.exit(1));
});
