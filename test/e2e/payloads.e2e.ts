// A member that writes nothing but attacks, in every field that a peer controls, and another who looks at all of it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { strings } from '../../src/strings.ts';
import { brief } from '../../src/text.ts';
import { files, filenames, payloads } from './payloads.ts';
import { removeProfile, serve, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

/** Controls that change how the rest is read, and what can't be seen. */
const HIDDEN = /[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u061c\ufeff\u00ad\u2028\u2029]/u;

let server: Served;
let browser: Browser;
let mallory: Tab;
let alice: Tab;
let grove = '';
let rich: string[] = [];
const complaints: string[] = [];
const requests: string[] = [];
const pages: string[] = [];

/** As much of it as the field takes. */
const cut = (text: string, most: number): string => Array.from(text.slice(0, most)).join('') || 'x';
const agentOf = (text: string) => ({
  agentId: text,
  agentName: text,
  model: text,
  provider: text,
  platform: text,
});
const at = (n: number): string => payloads[n % payloads.length] ?? '';

beforeAll(async () => {
  server = await serve();
  browser = await startBrowser();
  browser.context.on('request', (request) => {
    const url = new URL(request.url());
    const own = url.origin === server.url || url.protocol === 'blob:' || url.protocol === 'data:';
    if (!own || url.pathname.includes('leaked')) requests.push(request.url());
  });
  browser.context.on('page', (page) => {
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || /Content Security Policy|Trusted Type/.test(message.text()))
        complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('popup', (popup) => pages.push(popup.url()));
  });
  mallory = await browser.open(`${server.url}/?peer=mallory`);
  alice = await browser.open(`${server.url}/?peer=alice`);
  await mallory.call('setName', cut(at(12), 80));
  ({ id: grove } = await mallory.call('createGrove', {
    name: cut(at(0), 120),
    description: payloads.join('\n\n').slice(0, 4096),
    metrics: payloads.slice(0, 6).map((name, n) => ({
      name: cut(`${n}${name}`, 64),
      direction: 'minimize',
      unit: cut(at(n + 20), 32),
    })),
  }));
  await write();
  await alice.call('join', await mallory.call('invite', grove));
  const { items } = await mallory.call('contributions', grove, { limit: 1 });
  expect(items).toHaveLength(1);
  await until(
    async () =>
      (await alice.call('stats')).counters['entries.applied'] !== 0 && (await all()) >= payloads.length,
    'alice has all of it',
    100_000,
  );
});
afterAll(async () => {
  await browser.close();
  await removeProfile(browser.profile);
  await server.close();
});

async function all(): Promise<number> {
  let count = 0;
  for (let cursor: string | undefined; ;) {
    const page: { items: unknown[]; cursor?: string } = await alice.call('contributions', grove, {
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    count += page.items.length;
    cursor = page.cursor;
    if (cursor === undefined) return count;
  }
}

/** One contribution for each payload, with it in every field of a manifest; and some with all of them. */
async function write(): Promise<void> {
  const metrics = (await mallory.call('contract', grove)).metrics.map(({ name }) => name);
  const inputs = payloads.map((text, n) => ({
    kind: n % 7 === 1 ? 'plan' : n % 7 === 2 ? 'ask_user' : 'work',
    summary: cut(text, 256),
    description: text,
    // Nothing keeps others from saying the same twice.
    tags: [cut(text, 128), `plain ${n}`, `plain ${n}`],
    context: { [cut(text, 64)]: text, nested: { [cut(at(n + 1), 64)]: [text] } },
    agent: agentOf(cut(text, 256)),
    scores: { [metrics[n % metrics.length] ?? 'loss']: { value: n, direction: 'minimize' as const } },
  }));
  // In one call of the page: a hundred and seventy round trips by DevTools would take their time.
  const cids = await mallory.page.evaluate(
    async ({ id, given }) => {
      const { thicket } = window;
      const made: string[] = [];
      for (const [n, input] of given.entries()) {
        const target = made.at(-1);
        const relations =
          target === undefined
            ? []
            : [
                {
                  targetCid: target,
                  relationType: (['derives_from', 'reviews', 'responds_to', 'adopts', 'reproduces'] as const)[
                    n % 5
                  ],
                  metadata: { note: input.summary, score: 0.5 },
                },
              ];
        const { cid } = await thicket.contribute(id, { ...input, relations } as never);
        made.push(cid);
      }
      return made;
    },
    { id: grove, given: inputs },
  );
  const named = Object.fromEntries(filenames.allowed.map((name) => [name, files[name] ?? name]));
  for (let n = 0; n < payloads.length; n += 60) {
    const part = payloads.slice(n, n + 60);
    const { cid } = await mallory.call('contribute', grove, {
      kind: 'work',
      summary: `All of it, from ${n}`,
      description: part.join('\n\n').slice(0, 65_536),
      tags: part.slice(0, 40).map((text, i) => cut(`${i}${text}`, 128)),
      artifacts: { ...files, ...named },
      relations: cids.slice(n, n + 20).flatMap((targetCid) =>
        (['derives_from', 'adopts', 'adopts'] as const).map((relationType) => ({
          targetCid,
          relationType,
        })),
      ),
    });
    rich = [...rich, cid];
  }
  const [plan = ''] = cids.slice(1);
  await mallory.call('claim', grove, plan, { note: at(3) });
  for (const [n, cid] of rich.entries()) {
    await mallory.call('outcome', grove, cid, 'accepted', at(n + 30));
    await mallory.call('vote', grove, cid, 'up');
  }
  await mallory.call('presence', grove, { status: 'working', cid: rich[0] ?? null, note: cut(at(40), 256) });
  await mallory.call('setPrompt', grove, {
    id: 'p',
    name: cut(at(13), 80),
    system_prompt: at(14),
    user_prompt: at(15),
  });
  await mallory.call('setting', grove, cut(at(16), 60), { [at(17)]: at(18) });
  await mallory.call('setProfile', grove, { description: at(19), capabilities: [cut(at(20), 64)] });
}

/** Everything that this page shows or says to those who can't see it. */
const shown = (): Promise<{
  texts: string[];
  title: string;
  pwned: unknown;
  scripts: string[];
  elements: string[];
}> =>
  alice.page.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node: Node | null = walker.currentNode; node !== null; node = walker.nextNode()) {
      if (node instanceof Element) {
        for (const name of ['title', 'aria-label', 'alt', 'placeholder'])
          if (node.hasAttribute(name)) texts.push(node.getAttribute(name) ?? '');
      } else if (!(node.parentElement instanceof HTMLTextAreaElement)) texts.push(node.nodeValue ?? '');
    }
    const urls = [...document.querySelectorAll('[href], [src], [action], [formaction], [data], [srcdoc]')];
    return {
      texts,
      title: document.title,
      pwned: (window as { pwned?: unknown }).pwned,
      scripts: urls.flatMap((element) =>
        ['href', 'src', 'action', 'formaction', 'data', 'srcdoc'].flatMap((name) => {
          const value = element.getAttribute(name) ?? '';
          const runs = /^[\s\0-\x20]*(?:javascript|vbscript|data:text|data:image\/svg)/i.test(value);
          return runs || (name === 'srcdoc' && value !== '') ? [`${element.tagName} ${name}=${value}`] : [];
        }),
      ),
      elements: [
        ...document.body.querySelectorAll('script, iframe, object, embed, base, meta, link, form[action]'),
      ].map((element) => element.outerHTML.slice(0, 200)),
    };
  });

/** All that was on the screens that were looked at. */
const seen: string[] = [];

async function look(where: string, what = ''): Promise<void> {
  await alice.page.evaluate((hash) => {
    location.hash = hash;
  }, where);
  await alice.page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
  await until(async () => (await shown()).texts.join(' ').includes(what), `${where} shows ${what}`);
  // Two frames, so that what is drawn late is drawn.
  await alice.page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  await alice.page.evaluate(() => {
    for (const button of document.querySelectorAll<HTMLElement>('button[aria-label^="Preview: "]'))
      button.click();
  });
  await until(async () => !(await shown()).texts.includes(strings.preview.loading), 'previews are there');
  for (const summary of await alice.page.locator('main details:not([open]) > summary').all())
    await summary.click({ timeout: 2_000 }).catch(() => undefined);
  const page = await shown();
  seen.push(page.texts.join(' '));
  expect(page.pwned, where).toBeUndefined();
  expect(page.scripts, where).toEqual([]);
  expect(page.elements, where).toEqual([]);
  expect(page.title, where).not.toMatch(HIDDEN);
  expect(
    page.texts.filter((text) => HIDDEN.test(text)).map((text) => JSON.stringify(text.slice(0, 100))),
    where,
  ).toEqual([]);
}

it('there are at least 150 payloads, each only once', () => {
  expect(new Set(payloads).size).toBe(payloads.length);
  expect(payloads.length).toBeGreaterThanOrEqual(150);
});

it('no payload runs, asks for anything outside, or hides a control, on any screen', async () => {
  const places = [
    '',
    '/list',
    '/graph',
    '/tasks',
    '/threads',
    '/activity',
    '/about',
    '/peers',
    '/invite',
    '/new',
  ];
  await look('#/');
  for (const place of places) await look(`#/g/${grove}${place}`);
  for (const cid of rich) await alice.call('fetch', grove, cid, { artifacts: true });
  for (const cid of rich) await look(`#/g/${grove}/c/${cid}`, 'All of it, from');
  await look(`#/g/${grove}/new?target=${rich[0]}&as=review`);
  await look('#/settings');
  // They were there to be seen: as text, with what can't be seen written out.
  const text = seen.join(' ').replace(/\s+/g, ' ');
  const missing = payloads.filter((payload) => !text.includes(brief(payload, 24).replace('…', '').trim()));
  expect(missing).toEqual([]);
  expect(text).toContain('⟨U+202E⟩');
  for (const name of Object.keys(files)) expect(text).toContain(`Hide preview: ${name}`);
  expect(complaints).toEqual([]);
  expect(requests).toEqual([]);
  expect(pages).toEqual([]);
});

it('what finds nothing above is not blind: it sees each of these', async () => {
  await alice.page.evaluate(() => {
    const place = document.createElement('div');
    for (const [tag, name, value] of [
      ['a', 'href', ' javascript:window.pwned=1'],
      ['iframe', 'src', 'about:blank'],
      ['p', 'title', 'a\u202eb'],
    ] as const) {
      const made = document.createElement(tag);
      made.setAttribute(name, value);
      place.append(made);
    }
    place.append('c\u2066d');
    document.body.append(place);
    Object.assign(window, { pwned: 1 });
  });
  const page = await shown();
  expect(page.pwned).toBe(1);
  expect(page.scripts).toHaveLength(1);
  expect(page.elements).toHaveLength(1);
  expect(page.texts.filter((text) => HIDDEN.test(text))).toHaveLength(2);
  await alice.page.evaluate(() => fetch('/leaked'));
  expect(requests).toHaveLength(1);
  await alice.page.evaluate(() => fetch('http://evil.invalid/x').catch(() => undefined));
  await until(() => Promise.resolve(complaints.length > 0), 'the policy complains');
});

it('the policy comes by header with the page and with every script, worker or not, and holds', async () => {
  const html = await (await fetch(server.url)).text();
  expect(html.match(/<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+=|javascript:/gi) ?? []).toEqual([]);
  const scripts = [...html.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map(([, path = '']) => path);
  expect(scripts.length).toBeGreaterThan(0);
  for (const path of ['/', '/peer.js', '/sw.js', ...scripts]) {
    const { headers, status } = await fetch(server.url + path);
    expect(status, path).toBe(200);
    expect(headers.get('content-security-policy'), path).toContain("require-trusted-types-for 'script'");
    expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
    expect(headers.get('referrer-policy'), path).toBe('no-referrer');
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
  }
  const held = await alice.page.evaluate(() => {
    const tried = (run: () => unknown): string => {
      try {
        run();
        return 'done';
      } catch (error) {
        return error instanceof Error ? error.name : 'thrown';
      }
    };
    return [
      tried(() => (document.createElement('div').innerHTML = '<b>x</b>')),
      tried(() => new Worker('/peer.js')),
      tried(() => (document.createElement('iframe').srcdoc = '<b>x</b>')),
      tried(() => document.createElement('script').setAttribute('src', '/peer.js')),
    ];
  });
  expect(held).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError']);
});

it('what would name a file outside of its folder is refused, by its field', async () => {
  for (const name of filenames.refused)
    await expect(
      mallory.call('contribute', grove, { kind: 'work', summary: 'x', artifacts: { [name]: 'x' } }),
    ).rejects.toThrow(/artifact/i);
});

it('A9: an invite that is opened, damaged or refused is in no title, log, error, address or request', async () => {
  const url = await mallory.call('invite', grove);
  const code = url.split('#/join/')[1] ?? '';
  const heard: string[] = [];
  const page = await browser.context.newPage();
  page.on('console', (message) => heard.push(message.text(), message.location().url));
  page.on('pageerror', (error) => heard.push(error.message, error.stack ?? ''));
  page.on('request', (request) => heard.push(request.url(), JSON.stringify(request.headers())));
  const damaged = [
    code,
    code.slice(0, -9),
    `${code.slice(0, 60)}!!${code.slice(60)}`,
    `${code}${'A'.repeat(4000)}`,
  ];
  for (const each of damaged) {
    await page.goto(`${server.url}/?peer=carol#/join/${each}`);
    await page.waitForFunction(() => 'thicket' in window);
    const told = await page.evaluate(
      async (link) => {
        const { thicket } = window;
        const said = await thicket.join(link).then(
          () => 'taken',
          (error: unknown) => (error instanceof Error ? `${error.message} ${error.stack ?? ''}` : 'no error'),
        );
        return [said, document.title, location.href, document.referrer];
      },
      `#/join/${each === code ? code.slice(1) : each}`,
    );
    heard.push(...told);
    await page.goto('about:blank');
  }
  expect(heard.length).toBeGreaterThan(20);
  for (const part of [code, code.slice(40, 80)])
    expect(heard.filter((text) => text.includes(part)).map((text) => text.slice(0, 200))).toEqual([]);
  await page.close();
});
