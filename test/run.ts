// `npm test`: lint, types, unit and contract tests, then the built app in real Chromium. `--full` adds what is longer.
// Ends with the count of tests as one line. Knows the steps, none of the tests.
import { spawn, spawnSync } from 'node:child_process';
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

const isDebianRoot = (): boolean => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/** A Chromium to test in: one that is here, else Debian's where we may install it, else Playwright's. */
function ensureChromium(): boolean {
  try {
    console.log(`Chromium: ${chromiumPath()}`);
    return true;
  } catch {
    const installed = isDebianRoot()
      ? run('apt-get', 'update', '-q') && run('apt-get', 'install', '-y', '-q', 'chromium')
      : run('npx', 'playwright', 'install', 'chromium');
    return installed;
  }
}

/** Servers that single tests start. Where one is missing these are skipped. */
const SERVERS = [
  // Endpoints that form one.
  { command: 'redis-server', debian: 'redis-server', isOpen: false },
  // Links by a relay alone. As a service it relays for whoever reaches it: not installed where that would start.
  { command: 'turnserver', debian: 'coturn', isOpen: true },
];

/** What is missing of them: Debian's, where we may install it. */
function ensureServers(): void {
  const isThere = ({ command }: { command: string }): boolean =>
    spawnSync(command, ['--version']).error === undefined;
  const missing = SERVERS.filter((server) => !isThere(server));
  const startsServices = existsSync('/run/systemd/system');
  const wanted = missing.filter(({ isOpen }) => !isOpen || !startsServices);
  if (wanted.length > 0 && isDebianRoot() && run('apt-get', 'update', '-q'))
    run('apt-get', 'install', '-y', '-q', ...wanted.map(({ debian }) => debian));
  for (const server of missing)
    if (!isThere(server)) console.log(`No ${server.command}: what needs it is skipped.`);
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

/** Steps that are no test suites, at once: each counts when it fails, and its output comes in one piece. Whether all succeeded. */
async function steps(...names: string[]): Promise<boolean> {
  const all = names.map(
    (name) =>
      new Promise<boolean>((resolve) => {
        const child = spawn('npm', ['run', '-s', name], { env });
        let output = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
        child.on('close', (code) => {
          console.log(`\n> npm run -s ${name}\n${output}`);
          if (code !== 0) total.failed += 1;
          resolve(code === 0);
        });
      }),
  );
  return (await Promise.all(all)).every(Boolean);
}

/** Tells what a part took: the bound is 20 minutes for all of it. */
async function timed(what: string, part: () => boolean | Promise<boolean>): Promise<boolean> {
  const from = performance.now();
  const ok = await part();
  console.log(`\n${what}: ${Math.round((performance.now() - from) / 1000)} s`);
  return ok;
}

if (!ensureChromium()) {
  console.error('No Chromium, and none could be installed: set CHROMIUM_PATH.');
  process.exit(1);
}
ensureServers();
await timed('lint, types', () => steps('lint', 'check', 'style'));
const built = await timed('build', () => steps('build'));
await timed('unit', () => suite('unit'));
await timed('browser', () => suite('browser'));
if (built) {
  await timed('end to end', () => suite('e2e'));
  await timed('end to end, with the machine to itself', () => suite('alone'));
}

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
