// Mounts the app on a made-up peer: `npx vite --config test/tools/preview.config.ts`, then /preview.html?scene=…
import { mount } from 'svelte';
import App from '../../src/App.svelte';
import { UpdateState } from '../../src/state/update.svelte.ts';
import { createFakeThicket } from './fake-thicket.ts';

const scene = new URLSearchParams(location.search).get('scene') ?? '';
const update = new UpdateState();
if (scene === 'offline') update.offer(() => location.reload());
const target = document.getElementById('app');
if (target !== null) mount(App, { target, props: { thicket: createFakeThicket(scene), update } });
