// Resident memory of a browser's renderer processes, sampled from /proc while something runs. Knows nothing of what runs.
import { readFileSync } from 'node:fs';
import { processesOf } from './processes.ts';

export interface Peak {
  /** Bytes, all renderers together: before, at most while it ran, and how far each rose by itself, the furthest first. */
  before: number;
  most: number;
  rises: number[];
  samples: number;
}

/** ms. Short of what a garbage collection takes to come round. */
const EVERY = 20;

/** `profile`: the browser's --user-data-dir, by which its process is found. */
export async function peakOf<T>(
  profile: string,
  run: () => Promise<T>,
): Promise<{ value: T; memory: Peak; ms: number }> {
  const renderers = renderersOf(profile).map((pid) => ({ pid, before: residentOf(pid), most: 0 }));
  const before = renderers.reduce((sum, each) => sum + each.before, 0);
  let most = before;
  let samples = 0;
  const sample = (): void => {
    let sum = 0;
    for (const each of renderers) {
      const now = residentOf(each.pid);
      each.most = Math.max(each.most, now);
      sum += now;
    }
    most = Math.max(most, sum);
    samples += 1;
  };
  const timer = setInterval(sample, EVERY);
  const started = performance.now();
  try {
    const value = await run();
    const ms = performance.now() - started;
    sample();
    const rises = renderers.map((each) => each.most - each.before).sort((a, b) => b - a);
    return { value, memory: { before, most, rises, samples }, ms };
  } finally {
    clearInterval(timer);
  }
}

function renderersOf(profile: string): number[] {
  return processesOf(profile)
    .filter(({ command }) => command.includes('--type=renderer'))
    .map(({ pid }) => pid);
}

function residentOf(pid: number): number {
  try {
    const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib) * 1024;
  } catch {
    return 0;
  }
}
