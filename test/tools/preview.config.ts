// Builds the preview page apart from the app, so that nothing made up can get into what ships.
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

export default defineConfig({
  root,
  publicDir: false,
  plugins: [svelte({ configFile: join(root, '../../svelte.config.js') })],
  build: { target: 'es2022', rolldownOptions: { input: join(root, 'preview.html') }, emptyOutDir: true },
});
