// One run, one line of JSON: `--scenario NAME --peers N --seed S [--seconds T] [--heap]`.
// `--list` names the scenarios, `--heap` adds what memory it took.
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runScenario } from './finish.ts';
import { SCENARIOS } from './scenarios.ts';

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
  const scenario = SCENARIOS.find(({ name }) => name === values.scenario);
  if (scenario === undefined) {
    console.error(`--scenario is one of: ${SCENARIOS.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const number = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  const taken: ReturnType<typeof memory>[] = [];
  const peers = number(values.peers);
  const seconds = number(values.seconds);
  const { result, violations, shortfalls, refusals, events, setupS } = await runScenario(scenario, {
    seed: Number(values.seed),
    onEnd() {
      if (values.heap) taken.push(memory());
    },
    ...(peers === undefined ? {} : { peers }),
    ...(seconds === undefined ? {} : { seconds }),
  });
  console.log(JSON.stringify({ ...result, ...taken[0] }));
  for (const line of [...violations, ...shortfalls].slice(0, 20)) console.error(line);
  console.error(`set up in ${setupS} s, ${events} events, refused: ${JSON.stringify(refusals)}`);
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
