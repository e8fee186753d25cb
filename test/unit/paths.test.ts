import { describe, expect, it } from 'vitest';
import { createPaths } from '../../worker/paths.ts';
import type { ToCarrier } from '../../worker/rpc/protocol.ts';

const PATH = { link: 'L1', local: 'host', remote: 'relay', protocol: 'udp', rttMs: 12 };

function start() {
  const timers: (() => void)[] = [];
  const posted: ToCarrier[] = [];
  const paths = createPaths((_ms, callback) => {
    timers.push(callback);
    return () => void timers.splice(timers.indexOf(callback), 1);
  });
  return { paths, timers, posted, post: (message: ToCarrier) => void posted.push(message) };
}

describe('how packets go', () => {
  it('K7: the tab that carries links is asked once for all who wait, and its answer goes to each', async () => {
    const { paths, posted, post, timers } = start();
    paths.setCarrier(post);
    const both = Promise.all([paths.ask(), paths.ask()]);
    expect(posted).toEqual([{ type: 'link-inspect', n: 1 }]);
    paths.receive(7, [{ ...PATH, link: 'L9' }]);
    paths.receive(1, [PATH]);
    expect(await both).toEqual([[PATH], [PATH]]);
    expect(timers).toEqual([]);
    // An answer that nobody waits for says nothing of the next question.
    paths.receive(1, [{ ...PATH, link: 'L9' }]);
    const next = paths.ask();
    paths.receive(2, []);
    expect(await next).toEqual([]);
  });

  it('K7: without a carrier, with one that goes and with one that hangs nothing is told', async () => {
    const { paths, post, timers } = start();
    expect(await paths.ask()).toEqual([]);
    paths.setCarrier(post);
    const gone = paths.ask();
    paths.setCarrier(null);
    expect(await gone).toEqual([]);
    paths.setCarrier(post);
    const hung = paths.ask();
    timers[0]?.();
    expect(await hung).toEqual([]);
  });
});
