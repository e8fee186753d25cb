// `npm test`: lint, types, unit and contract tests, then the built app in real Chromium. `--full` adds what is longer.
// Ends with the count of tests as one line. Knows the steps, none of the tests.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath } from './chromium.ts';

const full = process.argv.includes('--full');
const reports = mkdtempSync(join(tmpdir(), 'thicket-reports-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const env = { ...process.env, THICKET_FULL: full ? '1' : '' };

/** Runs a command with our output. True where it succeeded. */
function run(command: string, ...args: string[]): boolean {
  console.log(`\n> ${[command, ...args].join(' ')}`);
  return spawnSync(command, args, { stdio: 'inherit', env }).status === 0;
}

/** A Chromium to test in: one that is here, else Debian's where we may install it, else Playwright's. */
function ensureChromium(): boolean {
  try {
    console.log(`Chromium: ${chromiumPath()}`);
    return true;
  } catch {
    const debian = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
    const installed = debian
      ? run('apt-get', 'update', '-q') && run('apt-get', 'install', '-y', '-q', 'chromium')
      : run('npx', 'playwright', 'install', 'chromium');
    return installed;
  }
}

/** For the tests of endpoints that form one: Debian's where we may install it; without it they are skipped. */
function ensureRedis(): void {
  if (spawnSync('redis-server', ['--version']).status === 0) return;
  const debian = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  const installed =
    debian && run('apt-get', 'update', '-q') && run('apt-get', 'install', '-y', '-q', 'redis-server');
  if (!installed) console.log('No redis-server: what needs it is skipped.');
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  success: boolean;
}

/** One vitest project, counted. A run that breaks before its report counts as a failure. */
function suite(project: string): boolean {
  const file = join(reports, `${project}.json`);
  const ok = run(
    'npx',
    'vitest',
    'run',
    '--config',
    'test/vitest.config.ts',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  );
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : null;
  total.passed += report?.numPassedTests ?? 0;
  total.skipped += report?.numPendingTests ?? 0;
  // A file that fails to load has no failed test of its own.
  total.failed += Math.max(report?.numFailedTests ?? 1, ok ? 0 : 1);
  return ok;
}

/** A step that is no test suite counts when it fails. */
function step(...command: [string, ...string[]]): boolean {
  const ok = run(...command);
  if (!ok) total.failed += 1;
  return ok;
}

if (!ensureChromium()) {
  console.error('No Chromium, and none could be installed: set CHROMIUM_PATH.');
  process.exit(1);
}
ensureRedis();
step('npm', 'run', '-s', 'lint');
step('npm', 'run', '-s', 'check');
suite('unit');
suite('browser');
if (step('npm', 'run', '-s', 'build')) suite('e2e');

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
