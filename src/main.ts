// Composition root of the page.
import { mount } from 'svelte';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target, props: { thicket: null, client: null } });
