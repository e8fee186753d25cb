// The processes of a browser, found by its profile in /proc. Knows nothing of what they do.
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  pid: number;
  command: string;
}

/** The browser that uses this profile first, then its descendants. `profile`: its --user-data-dir. */
export function processesOf(profile: string): Process[] {
  const all = readdirSync('/proc')
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
  const first = all.filter(
    ({ command }) => command.includes(`--user-data-dir=${profile}`) && !command.includes('--type='),
  );
  const family = new Set(first);
  for (let grown = -1; grown !== family.size;) {
    grown = family.size;
    const pids = new Set([...family].map(({ pid }) => pid));
    for (const each of all) if (pids.has(each.parent)) family.add(each);
  }
  return [...family];
}

/** As in a crash: nobody has time for anything. Resolves once all of its processes are gone. */
export async function killBrowser(profile: string): Promise<void> {
  const family = processesOf(profile);
  for (const { pid } of family) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It went with its parent.
    }
  }
  while (family.some(({ pid }) => isRunning(pid))) await new Promise((resolve) => setTimeout(resolve, 20));
}

function isRunning(pid: number): boolean {
  try {
    // One that is dead stays listed until its parent has heard of it.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** ms of CPU that all processes of this browser have taken, to 10 ms for each (/proc/PID/stat, 100 ticks a second). */
export function cpuOf(profile: string): number {
  return processesOf(profile).reduce((sum, { pid }) => sum + 10 * ticksOf(pid), 0);
}

function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // What follows the name, which may hold anything: state first, user and system time as the 12th and 13th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
