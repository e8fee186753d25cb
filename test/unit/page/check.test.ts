import { describe, expect, it, vi } from 'vitest';
import type { VerifyResult } from '../../../worker/rpc/api.ts';
import { ThicketError } from '../../../worker/core/model/errors.ts';
import { CheckState } from '../../../src/state/check.svelte.ts';
import { fakePeer, settle } from './fake-peer.ts';

const result: VerifyResult = {
  sound: true,
  checked: {
    ...{ entries: 1, signatures: 1, bodies: 1, artifacts: 0, lists: 0, blocks: 0, bytes: 0 },
    ...{ files: 0, notes: 0, views: 1 },
  },
  ...{ findings: [], found: 0, repaired: 0, asked: 0, lost: 0, skipped: [] },
};

describe('a check of the store', () => {
  it('shows how far it is while it runs, then what it found', async () => {
    let answer = (_: VerifyResult): void => undefined;
    const peer = fakePeer({ verify: () => new Promise((resolve) => (answer = resolve)) });
    const check = new CheckState(peer.thicket);
    peer.emit('verify', { phase: 'log', done: 1, total: 2 });
    expect(check.progress).toBeNull();
    const run = check.start(false);
    peer.emit('verify', { phase: 'log', done: 1, total: 2 });
    expect([check.running, check.progress]).toEqual([true, { phase: 'log', done: 1, total: 2 }]);
    answer(result);
    await run;
    expect([check.running, check.result]).toEqual([false, result]);
  });

  it('is ended with its screen, which is no failure', async () => {
    let refuse = (_: Error): void => undefined;
    const cancelVerify = vi.fn(() => {
      refuse(new ThicketError('aborted', 'verify: cancelled'));
      return Promise.resolve(null);
    });
    const verify = (): Promise<VerifyResult> => new Promise((_, reject) => (refuse = reject));
    const peer = fakePeer({ verify, cancelVerify });
    const check = new CheckState(peer.thicket);
    void check.start(true);
    check.close();
    await settle();
    expect(cancelVerify).toHaveBeenCalledTimes(1);
    expect([check.running, check.problem, peer.listening()]).toEqual([false, null, 0]);
  });

  it('says why it could not be done', async () => {
    const verify = (): Promise<VerifyResult> => Promise.reject(new ThicketError('closed', 'gone'));
    const check = new CheckState(fakePeer({ verify }).thicket);
    await check.start(true);
    expect(check.problem).toEqual({ code: 'closed', message: 'gone' });
  });
});
