// One run, one line of JSON: `--scenario NAME --peers N --seed S [--seconds T] [--heap]`. Several names, by commas: one
// after the other in one world, a line each; T may be as many.
// `--list` names the scenarios, `--heap` adds what memory it took.
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runIn } from './finish.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { createWorld, type World } from './world.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string' },
    peers: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string' },
    list: { type: 'boolean', default: false },
    heap: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (values.list) {
    for (const { name, about, peers, seconds } of SCENARIOS)
      console.log(`${name.padEnd(16)}${about} (${peers} peers, ${seconds} s)`);
    return 0;
  }
  const names = (values.scenario ?? '').split(',');
  const scenarios = names.flatMap((name) => SCENARIOS.find((each) => each.name === name) ?? []);
  if (scenarios.length < names.length) {
    console.error(`--scenario is one of: ${SCENARIOS.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const misplaced = scenarios.find(
    ({ place }, at) => (place === 'first' && at > 0) || (place === 'last' && at < scenarios.length - 1),
  );
  if (misplaced !== undefined) {
    console.error(`${misplaced.name} has to be the ${misplaced.place} of a run`);
    return 2;
  }
  const seed = Number(values.seed);
  const world = createWorld({ seed });
  let code = 0;
  const lengths = (values.seconds ?? '').split(',').filter((each) => each !== '');
  for (const [at, scenario] of scenarios.entries())
    code = Math.max(code, await runOne(world, scenario, seed, number(lengths[at] ?? lengths.at(-1))));
  return code;
}

const number = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

async function runOne(
  world: World,
  scenario: Scenario,
  seed: number,
  seconds: number | undefined,
): Promise<number> {
  const taken: ReturnType<typeof memory>[] = [];
  const peers = number(values.peers);
  const { result, violations, shortfalls, refusals, events, setupS } = await runIn(world, scenario, {
    seed,
    onEnd() {
      if (values.heap) taken.push(memory());
    },
    ...(peers === undefined ? {} : { peers }),
    ...(seconds === undefined ? {} : { seconds }),
  });
  console.log(JSON.stringify({ ...result, ...taken[0] }));
  for (const line of [...violations, ...shortfalls].slice(0, 20)) console.error(`${scenario.name}: ${line}`);
  console.error(
    `${scenario.name}: set up in ${setupS} s, ${events} events, refused: ${JSON.stringify(refusals)}`,
  );
  return violations.length + shortfalls.length > 0 ? 1 : 0;
}

/** MB that the run holds on to, and the most that the process ever had. */
function memory(): { heapMB: number; rssMaxMB: number } {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return {
    heapMB: Math.round((heapUsed + external) / 2 ** 20),
    rssMaxMB: Math.round(process.resourceUsage().maxRSS / 2 ** 10),
  };
}

process.exitCode = await main();
