// An agent in a grove, driven through window.thicket: joins by an invite, fetches the best result, derives from it, waits
// until someone else holds what it wrote, and leaves. Run it against any Thicket:
//
//   npx tsx test/example/agent.ts 'http://127.0.0.1:8080/#/join/…'
//
// The invite's own page is where it joins. CHROMIUM_PATH names a browser; otherwise one that is installed is used.
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright';
import type {} from '../../public/thicket.d.ts';
import { chromiumPath, launchArgs } from '../chromium.ts';

export interface Outcome {
  grove: string;
  /** CID of what it derived from, and of what it contributed. */
  parent: string;
  child: string;
  copies: number;
}

/** `page` is a fresh tab. Resolves once another peer holds the contribution. */
export async function contributeOnce(
  page: Page,
  invite: string,
  improve: (value: number) => number,
): Promise<Outcome> {
  await page.goto(new URL(invite).origin);
  await page.waitForFunction(() => 'thicket' in window);

  const grove = await page.evaluate(async (url) => {
    await window.thicket.setName('Example agent');
    return (await window.thicket.join(url)).id;
  }, invite);

  // The invite is kept until a member lets this device in; what the grove holds follows.
  await until(() =>
    page.evaluate(async (id) => {
      const found = (await window.thicket.groves()).find((each) => each.id === id);
      if (found?.state === 'refused') throw new Error(found.reason ?? 'refused');
      return found?.state === 'active' ? found : null;
    }, grove),
  );

  const best = await until(() =>
    page.evaluate(async (id) => {
      const { byMetric } = await window.thicket.frontier(id);
      for (const [metric, { direction, entries }] of Object.entries(byMetric)) {
        const [first] = entries;
        if (first !== undefined) return { metric, direction, cid: first.cid, value: first.value };
      }
      return null;
    }, grove),
  );

  return page.evaluate(
    async ({ id, parent, value }) => {
      const { thicket } = window;
      // Verified by hash: what comes back is what its publisher signed for, whoever it came from.
      const source = await thicket.fetch(id, parent.cid);
      const files = source.files.map(({ name, size }) => `${name}: ${size} bytes`);
      const { cid } = await thicket.contribute(id, {
        kind: 'work',
        summary: `One step beyond "${source.summary}"`.slice(0, 256),
        scores: { [parent.metric]: { value, direction: parent.direction } },
        relations: [{ targetCid: parent.cid, relationType: 'derives_from' }],
        artifacts: { 'report.txt': `Built on ${parent.cid}\n${files.join('\n')}\n` },
        agent: { agentId: 'example-agent', platform: 'playwright' },
      });
      const { copies } = await thicket.replicated(id, cid, 1, { timeout: 60_000 });
      await thicket.leave(id, { erase: true });
      return { grove: id, parent: parent.cid, child: cid, copies };
    },
    { id: grove, parent: best, value: improve(best.value) },
  );
}

/** Looks ten times a second until there is something. */
async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function main(invite: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: launchArgs });
  try {
    const outcome = await contributeOnce(await browser.newPage(), invite, (value) => value * 0.99);
    console.log(JSON.stringify(outcome, null, 2));
  } finally {
    await browser.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , invite] = process.argv;
  if (invite === undefined) {
    console.error("usage: npx tsx test/example/agent.ts 'INVITE LINK'");
    process.exit(2);
  }
  await main(invite);
}
