// The screens with 10,000 contributions: the graph beside bare sigma, the list scrolled and searched, and the page's main
// thread while that many entries arrive.
import { removeProfile, serve, until } from '../e2e/harness.ts';
import { fill } from './fill.ts';
import { grow } from './grown.ts';
import type { Job } from './job.ts';
import { startBenchBrowser } from './peers.ts';
import { placed, serveBare } from './screens/bare.ts';
import { caughtUp } from './screens/catch-up.ts';
import { watchDrawing } from './screens/frames.ts';
import { graphBeside } from './screens/graph.ts';
import { scrolled, typed } from './screens/list.ts';

const CONTRIBUTIONS = 10_000;
const RELATIONS = 1.45;
const AUTHORS = 100;

export const screens: Job = {
  name: 'screens',
  about: 'graph, list, search and catching up with 10,000 contributions (--contributions), in pages',
  mib: 1,
  runs: 5,
  async run({ runs, contributions = CONTRIBUTIONS, tell }) {
    const only = (process.env['THICKET_SCREENS'] ?? 'graph,list,search,catch-up').split(',');
    const grown = grow({
      contributions,
      relations: Math.round(contributions * RELATIONS),
      authors: AUTHORS,
    });
    const { grove } = grown;
    const server = await serve();
    const browser = await startBenchBrowser({ init: watchDrawing });
    try {
      await fill(browser.context, server.url, grown.rows);
      const { url } = server;
      const tab = await browser.open(url);
      await until(
        async () =>
          ((await tab.call('groves')).find(({ id }) => id === grove)?.contributions ?? 0) >= contributions,
        'all is read',
        300_000,
      );
      if (only.includes('graph')) {
        const view = await tab.call('graph', grove, { limit: contributions });
        const bare = await serveBare(placed(view));
        try {
          const nodes = view.nodes.length;
          await graphBeside({ browser, grove, nodes, url, bare }, runs, tell);
        } finally {
          await bare.close();
        }
      }
      if (only.includes('list')) await scrolled(tab, { url, grove, contributions }, tell);
      if (only.includes('search')) await typed(tab, { url, grove }, tell);
      if (only.includes('catch-up')) await caughtUp({ url, owner: tab, grove, contributions }, tell);
    } finally {
      await browser.close();
      await server.close();
      await removeProfile(browser.profile);
    }
  },
};
