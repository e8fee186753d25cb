// Helpers of the simulator's tests.
import { expect } from 'vitest';
import { runScenario, type Report, type RunOptions } from '../../sim/finish.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { SCENARIOS } from '../../sim/scenarios.ts';

export function scenario(name: string): Scenario {
  const found = SCENARIOS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

export const isRed = ({ violations, shortfalls }: Report): boolean =>
  violations.length + shortfalls.length > 0;

/** Runs it, and says all that is wrong where something is. */
export async function expectGreen(name: string, options: RunOptions): Promise<Report> {
  const report = await runScenario(scenario(name), options);
  expect([...report.violations, ...report.shortfalls], `${name}, seed ${options.seed}`).toEqual([]);
  return report;
}
