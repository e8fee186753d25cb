// What reaches the app from outside: a share, an opened file, a shortcut, an invite that leads to one contribution.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Served } from './harness.ts';
import { removeProfile, serve, share, startBrowser } from './harness.ts';

describe('from outside the app', () => {
  let server: Served;
  let a: Browser;
  let b: Browser;

  beforeAll(async () => {
    server = await serve();
    [a, b] = await Promise.all([startBrowser(), startBrowser()]);
  });
  afterAll(async () => {
    await Promise.all([a, b].map((browser) => browser.close()));
    await Promise.all([a, b].map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  it('a share is asked for its grove and becomes a draft with its files, and no server sees it', async () => {
    const tab = await a.open(server.url);
    const one = await tab.call('createGrove', { name: 'One' });
    await tab.call('createGrove', { name: 'Two' });
    await tab.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await tab.page.reload();
    const posted: string[] = [];
    tab.page.on('response', (response) => {
      if (response.request().method() === 'POST' && !response.fromServiceWorker())
        posted.push(response.url());
    });
    // Our own pages post no form anywhere: the system does, or as here a page of another origin.
    await tab.page.route('http://sharer.test/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><body></body>' }),
    );
    await tab.page.goto('http://sharer.test/');
    await tab.page.evaluate(postShare, `${server.url}/share`);
    await tab.page.getByTestId('new-in').filter({ hasText: 'One' }).click();
    await tab.page.waitForURL(`**/#/g/${one.id}/new`);
    expect(await tab.page.getByLabel('Summary').inputValue()).toBe('A finding');
    expect(await tab.page.getByLabel('Description').inputValue()).toBe('As seen\n\nhttps://any.example/');
    expect(await tab.page.getByLabel('File name 1').inputValue()).toBe('seen.txt');
    expect(posted).toEqual([]);
    await tab.page.close();
  });

  it('a file opened with the app, and a shortcut, go where they belong in the window that is there', async () => {
    const page = await a.context.newPage();
    await page.addInitScript(fakeLaunches);
    await page.goto(server.url);
    await page.waitForFunction(() => 'launch' in window);
    await page.evaluate(() => window.launch({ targetURL: '/#/settings' }));
    await page.waitForURL('**/#/settings');
    await page.evaluate(() => window.launch({ targetURL: '/#/new', text: 'opened' }));
    await page.getByTestId('new-in').filter({ hasText: 'Two' }).click();
    await page.waitForFunction(() => document.querySelector('fieldset input.mono') !== null);
    expect(await page.getByLabel('File name 1').inputValue()).toBe('opened.txt');
    await page.close();
  });

  it('an address inside a grove that is not known here asks for the invite, and leads on to the contribution', async () => {
    const alice = await a.open(server.url);
    const { id } = await alice.call('createGrove', { name: 'Led' });
    const { cid } = await alice.call('contribute', id, { kind: 'work', summary: 'What is to be seen' });
    const bob = await b.open(`${server.url}/#/g/${id}/c/${cid.replace(/^blake3:/, '')}`);
    const invite = await alice.call('invite', id);
    await bob.page.getByLabel('Invite link').fill(invite);
    await bob.page.getByRole('button', { name: 'Look at the invite' }).click();
    await bob.page.getByTestId('join-confirm').click();
    await bob.page.getByRole('heading', { name: 'What is to be seen' }).waitFor();
    expect(bob.page.url()).toBe(`${server.url}/#/g/${id}/c/${cid.replace(/^blake3:/, '')}`);
  });

  it('an invite made for one contribution shows it first', async () => {
    const alice = await a.open(server.url);
    const bob = await b.open(server.url);
    const id = await share(alice, bob);
    const { cid } = await alice.call('contribute', id, { kind: 'work', summary: 'Shown first' });
    await alice.page.goto(`${server.url}/#/g/${id}/invite?c=${cid.replace(/^blake3:/, '')}`);
    await alice.page.getByRole('button', { name: 'Make link' }).click();
    const link = await alice.page.getByTestId('invite-link').inputValue();
    const carla = await b.open(link.replace('/#/join/', '/?peer=carla#/join/'));
    expect(carla.page.url()).toBe(`${server.url}/?peer=carla#/join`);
    await carla.page.getByTestId('join-confirm').click();
    await carla.page.getByRole('heading', { name: 'Shown first' }).waitFor();
  });
});

/** In the page: what the system does when another app shares. */
function postShare(action: string): void {
  const form = document.createElement('form');
  Object.assign(form, { method: 'POST', action, enctype: 'multipart/form-data' });
  const fields = { title: 'A finding', text: 'As seen', url: 'https://any.example/' };
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement('input');
    Object.assign(input, { type: 'hidden', name, value });
    form.append(input);
  }
  const files = document.createElement('input');
  Object.assign(files, { type: 'file', name: 'files' });
  const chosen = new DataTransfer();
  chosen.items.add(new File(['seen'], 'seen.txt', { type: 'text/plain' }));
  files.files = chosen.files;
  form.append(files);
  document.body.append(form);
  form.submit();
}

/** In the page, before its scripts: a launch queue of ours, since only an installed app has one. */
function fakeLaunches(): void {
  Object.defineProperty(window, 'launchQueue', {
    value: {
      setConsumer(consumer: (params: object) => void) {
        Object.assign(window, {
          launch: ({ targetURL, text }: { targetURL: string; text?: string }) =>
            consumer({
              targetURL: new URL(targetURL, location.href).href,
              files:
                text === undefined
                  ? []
                  : [
                      {
                        getFile: () =>
                          Promise.resolve(new File([text], `${text}.txt`, { type: 'text/plain' })),
                      },
                    ],
            }),
        });
      },
    },
  });
}
