// An artifact goes from browser process to browser process, and not through the endpoint.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contributeRandom, digestOf } from './bytes.ts';
import { removeProfile, serve, share, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';
import type { LinkStats } from '../../src/links/host.ts';

const SIZE = 6 * 1024 * 1024;
const ENDPOINT_LIMIT = 64 * 1024;

const linkStats = (tab: Tab): Promise<LinkStats[]> => tab.page.evaluate(() => window.thicket.linkStats());

/** Bytes over the selected candidate pair of this tab's only connection, straight from the browser. */
const selectedPair = (tab: Tab): Promise<{ sent: number; received: number }> =>
  tab.page.evaluate(async () => {
    const { madeConnections } = window;
    const [connection] = madeConnections.filter((each) => each.connectionState === 'connected');
    const rows: Record<string, unknown>[] = [];
    (await connection?.getStats())?.forEach((row: Record<string, unknown>) => rows.push(row));
    const transport = rows.find((row) => row['type'] === 'transport');
    const pair = rows.find((row) => row['id'] === transport?.['selectedCandidatePairId']);
    return { sent: Number(pair?.['bytesSent']), received: Number(pair?.['bytesReceived']) };
  });

describe('two browser processes', () => {
  let server: Served;
  let recorded = 0;
  let browsers: Browser[] = [];

  beforeAll(async () => {
    server = await serve(0, (direction, bytes) => {
      if (direction !== 'request') recorded += bytes.length;
    });
    browsers = await Promise.all([startBrowser(), startBrowser()]);
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  it('C3, A9: an artifact of 6 MiB crosses the selected candidate pair, while the endpoint carries under 64 KiB', async () => {
    const [a, b] = browsers;
    if (a === undefined || b === undefined) throw new Error('two browsers were to start');
    const [alice, bob] = await Promise.all([a.open(server.url), b.open(server.url)]);
    const grove = await share(alice, bob);
    const began = performance.now();
    const { cid, digest } = await contributeRandom(alice, grove, 'weights.bin', SIZE);
    await until(
      async () => (await bob.call('contribution', grove, cid)).files[0]?.held,
      'bob holds it',
      60_000,
    );
    const took = performance.now() - began;

    expect((await bob.call('contribution', grove, cid)).files).toMatchObject([
      { name: 'weights.bin', size: SIZE, received: SIZE },
    ]);
    expect(await digestOf(bob, grove, cid, 'weights.bin')).toBe(digest);

    const [sent, received] = await Promise.all([linkStats(alice), linkStats(bob)]);
    expect(sent).toHaveLength(1);
    expect(received).toHaveLength(1);
    for (const { local, remote } of [...sent, ...received]) {
      expect(['host', 'prflx']).toContain(local);
      expect(['host', 'prflx']).toContain(remote);
    }
    expect(sent[0]?.bytesSent).toBeGreaterThanOrEqual(SIZE);
    expect(received[0]?.bytesReceived).toBeGreaterThanOrEqual(SIZE);

    expect((await selectedPair(alice)).sent).toBeGreaterThanOrEqual(SIZE);
    expect((await selectedPair(bob)).received).toBeGreaterThanOrEqual(SIZE);

    const { bytesIn, bytesOut } = server.stats();
    expect(bytesIn + bytesOut).toBeGreaterThan(0);
    expect(bytesIn + bytesOut).toBeLessThan(ENDPOINT_LIMIT);
    expect(recorded).toBeLessThan(ENDPOINT_LIMIT);
    console.log(
      `${SIZE} bytes in ${Math.round(took)} ms; the pair sent ${sent[0]?.bytesSent}, the endpoint carried ${bytesIn + bytesOut}`,
    );
  });
});
