// How the three bundles are made: the app with its worker, the service worker that precaches them, and
// (`--mode server`) the signaling endpoint for Node. Knows file layout only, nothing of what the code does.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, defineConfig } from 'vite';
import type { Plugin, UserConfig } from 'vite';
import { getManifest } from 'workbox-build';

const root = import.meta.dirname;
const SOURCES = ['index.html', 'package-lock.json', 'vite.config.ts', 'public', 'src', 'worker'];

/** `version+hash of the sources`: two builds of the same tree carry the same id, whenever they were made. */
function buildId(): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    const children = readdirSync(join(root, path), { withFileTypes: true });
    for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = join(path, child.name);
      if (child.isDirectory()) visit(inner);
      else hash.update(`${inner}\n`).update(readFileSync(join(root, inner)));
    }
  };
  for (const source of SOURCES) {
    if (source.includes('.')) hash.update(readFileSync(join(root, source)));
    else visit(source);
  }
  const parsed: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const version =
    parsed !== null && typeof parsed === 'object' && 'version' in parsed ? String(parsed.version) : '0';
  return `${version}+${hash.digest('hex').slice(0, 10)}`;
}

interface Locked {
  packages: Record<string, { version?: string; license?: string; dev?: boolean; optional?: boolean }>;
}

/** Writes /licences.txt: ours, and those of what runs beside it, as they lie in their packages. */
function licences(): Plugin {
  const textIn = (folder: string): string => {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const found = names.filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
    return found.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n');
  };
  return {
    name: 'thicket:licences',
    apply: 'build',
    generateBundle() {
      const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Locked;
      const others = Object.entries(locked.packages)
        .filter(
          ([path, { dev, optional }]) =>
            // Svelte's compiler is a tool, and what it puts into the page is part of it.
            path === 'node_modules/svelte' || (path !== '' && dev !== true && optional !== true),
        )
        .map(([path, { version = '', license = '' }]) => {
          const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
          return `${name} ${version} (${license})\n\n${textIn(join(root, path))}`.trim();
        });
      const source = ['Thicket', readFileSync(join(root, 'LICENSE'), 'utf8').trim(), ...others].join(
        `\n\n${'-'.repeat(72)}\n\n`,
      );
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: `${source}\n` });
    },
  };
}

/** Builds worker/service.ts to /sw.js once the app's files are on disk, with their list inside. */
function serviceWorker(): Plugin {
  let outDir = 'dist';
  return {
    name: 'thicket:service-worker',
    apply: 'build',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const { manifestEntries, warnings } = await getManifest({
        globDirectory: outDir,
        globPatterns: ['**/*.{html,js,css,svg,png,json,webmanifest,wasm,woff2,txt}'],
        // Pictures for the installer are for nobody who has it.
        globIgnores: ['sw.js', 'screenshots/**'],
        // Hashed names never change their content; everything else is compared by revision.
        dontCacheBustURLsMatching: /^assets\//,
        maximumFileSizeToCacheInBytes: 8 * 1024 * 1024,
      });
      for (const warning of warnings) this.warn(warning);
      await build({
        configFile: false,
        root,
        logLevel: 'warn',
        publicDir: false,
        define: {
          __PRECACHE__: JSON.stringify(manifestEntries),
          'process.env.NODE_ENV': '"production"',
        },
        build: {
          outDir,
          emptyOutDir: false,
          lib: {
            entry: join(root, 'worker/service.ts'),
            formats: ['iife'],
            name: 'sw',
            fileName: () => 'sw.js',
          },
        },
      });
    },
  };
}

const app = (): UserConfig => ({
  plugins: [svelte(), licences(), serviceWorker()],
  define: { __BUILD__: JSON.stringify(buildId()) },
  build: { target: 'es2022', sourcemap: true },
  worker: {
    format: 'es',
    // A name without a hash: a SharedWorker is found by its URL, so tabs of two builds reach the same one.
    rolldownOptions: {
      output: { entryFileNames: ({ name }) => (name === 'peer' ? '[name].js' : 'assets/[name]-[hash].js') },
    },
  },
  // In development the endpoint runs beside: `node dist-server/main.js`.
  server: { host: '127.0.0.1', proxy: { '/signal': { target: 'ws://127.0.0.1:8080', ws: true } } },
});

const server = (): UserConfig => ({
  define: { __BUILD__: JSON.stringify(buildId()) },
  build: { ssr: 'worker/signal/main.ts', outDir: 'dist-server', target: 'node20', copyPublicDir: false },
});

export default defineConfig(({ mode }) => (mode === 'server' ? server() : app()));
