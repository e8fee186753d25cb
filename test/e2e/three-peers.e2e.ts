// What one contributed outlives them: a third gets it from the second, and knows whose it is.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from './bytes.ts';
import { isActive, removeProfile, serve, share, startBrowser, until } from './harness.ts';
import type { Browser, Served } from './harness.ts';

const CONTENT = 'line of the log\n'.repeat(40_000);
const DIGEST = createHash('sha256').update(CONTENT).digest('hex');

describe('three browsers', () => {
  let server: Served;
  const started: Browser[] = [];
  const start = async (): Promise<Browser> => {
    const browser = await startBrowser();
    started.push(browser);
    return browser;
  };

  beforeAll(async () => {
    server = await serve();
  });
  afterAll(async () => {
    await Promise.all(started.map((browser) => browser.close()));
    await Promise.all(started.map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  it('S4, C3: C, invited by B after A left for good, gets what A contributed from B, signed by A', async () => {
    const [a, b] = await Promise.all([start(), start()]);
    const [alice, bob] = await Promise.all([a.open(server.url), b.open(server.url)]);
    await alice.call('setName', 'Ada');
    await bob.call('setName', 'Ben');
    const author = (await alice.call('identity')).peerId;
    const sender = (await bob.call('identity')).peerId;
    const grove = await share(alice, bob);
    const { cid } = await alice.call('contribute', grove, {
      kind: 'work',
      summary: 'Left behind',
      artifacts: { 'train.log': CONTENT },
    });
    await until(async () => (await bob.call('contribution', grove, cid)).files[0]?.held, 'bob holds it');
    await a.close();
    await removeProfile(a.profile);

    const carol = await (await start()).open(server.url);
    await carol.call('join', await bob.call('invite', grove));
    await until(() => isActive(carol, grove), 'carol is in');
    await until(async () => (await carol.call('contribution', grove, cid)).files[0]?.held, 'carol holds it');

    const seen = await carol.call('contribution', grove, cid);
    expect(seen).toMatchObject({
      author,
      authorName: 'Ada',
      publishers: [author],
      receivedFrom: sender,
      signature: 'verified',
      summary: 'Left behind',
    });
    expect(seen.files).toMatchObject([{ name: 'train.log', size: CONTENT.length, held: true }]);
    expect(await digestOf(carol, grove, cid, 'train.log')).toBe(DIGEST);
    // Ada is nobody's peer any more, and a member all the same.
    expect((await carol.call('peers', grove)).filter(({ link }) => link !== null)).toMatchObject([
      { peerId: sender },
    ]);
    expect((await carol.call('members', grove)).map(({ name }) => name).sort()).toContain('Ada');

    await carol.page.goto(`${server.url}/#/g/${grove}/c/${cid.replace('blake3:', '')}`);
    const signed = carol.page.locator('dl > div', { hasText: 'Signature verified' });
    await signed.waitFor();
    const text = await signed.innerText();
    expect(text).toContain('Ada');
    expect(text).toContain(`${author.slice(0, 4)} ${author.slice(4, 8)}`);
    expect(await signed.locator(`[title="${author}"]`).count()).toBe(1);
    expect(await carol.page.getByTestId('artifact-row').getAttribute('data-held')).toBe('true');
  });
});
