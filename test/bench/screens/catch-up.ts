// A page that is open on a grove while all of its entries arrive from another peer: how long its main thread is busy at a stretch.
import { href } from '../../../src/routes.ts';
import { removeProfile, until, type Tab } from '../../e2e/harness.ts';
import type { JobOptions } from '../job.ts';
import { startBenchBrowser } from '../peers.ts';
import { rounded } from '../stats.ts';
import { tasksOf, watchDrawing } from './frames.ts';

const SCREENS = { list: href.list, frontier: href.grove, graph: href.graph };

export interface CatchUp {
  url: string;
  owner: Tab;
  grove: string;
  contributions: number;
}

export async function caughtUp(
  { url, owner, grove, contributions }: CatchUp,
  tell: JobOptions['tell'],
): Promise<void> {
  for (const [screen, place] of Object.entries(SCREENS)) {
    const joiner = await startBenchBrowser({ init: watchDrawing });
    try {
      const tab = await joiner.open(url);
      const invite = await owner.call('invite', grove);
      await tab.page.waitForTimeout(1_000);
      let ms = 0;
      const tasks = await tasksOf(tab.page, async () => {
        const began = Date.now();
        await tab.page.evaluate(
          ({ link, to }) => {
            const { thicket } = window;
            const joined = new Promise<void>((resolve) => thicket.on('joined', () => resolve()));
            return Promise.all([thicket.join(link), joined]).then(() => {
              window.location.hash = to;
            });
          },
          { link: invite, to: place(grove) },
        );
        await until(async () => (await countOf(tab, grove)) >= contributions, 'all came', 600_000);
        ms = Date.now() - began;
        // What is shown comes a little later than what is there.
        await tab.page.waitForTimeout(5_000);
      });
      tell(`main-thread tasks while ${contributions} entries arrive, ${screen} open`, {
        most: rounded(tasks.most),
        over100: tasks.over,
        atMost: 0,
        cpuMost: rounded(tasks.cpuMost),
        cpuOver100: tasks.cpuOver,
        ms,
      });
    } finally {
      await joiner.close();
      await removeProfile(joiner.profile);
    }
  }
}

const countOf = async (tab: Tab, grove: string): Promise<number> =>
  (await tab.call('groves')).find(({ id }) => id === grove)?.contributions ?? 0;
