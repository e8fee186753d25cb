// Resident memory of a browser's renderer processes, sampled from /proc while something runs. Knows nothing of what runs.
import { readdirSync, readFileSync } from 'node:fs';

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

/** Renderers among the descendants of the browser that uses this profile. */
function renderersOf(profile: string): number[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent = '0'] = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8')) ?? [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return []; // It ended meanwhile.
      }
    });
  const family = new Set(
    processes
      .filter(({ command }) => command.includes(`--user-data-dir=${profile}`) && !command.includes('--type='))
      .map(({ pid }) => pid),
  );
  for (let grown = -1; grown !== family.size;) {
    grown = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes
    .filter(({ pid, command }) => family.has(pid) && command.includes('--type=renderer'))
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
