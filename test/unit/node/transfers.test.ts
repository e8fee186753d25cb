// Transfers by hand over whole peers: paused, cancelled, asked for again.
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';
import { createHub, has, pair, until, work } from './mesh.ts';

describe('a transfer', () => {
  it('C11: is paused and resumed by hash, and cancelled until the contribution is asked for again', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await b.api.policy(id, { artifacts: 'on-demand' });
    const { cid } = await a.api.contribute(id, work('Bytes', { artifacts: { 'a.txt': 'by a' } }));
    await has(b, id, cid);
    // Its blocks don't arrive for now.
    hub.tamper = (frame) => {
      const decoded = decodeFrame(frame);
      return decoded.ok && decoded.value.type === 'block' ? null : frame;
    };
    const state = async () => (await b.api.stats()).transfers[0];
    const fetching = b.api.fetch(id, cid).then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    );
    const { hash } = await until(state, 'the transfer begins');
    await b.api.pauseTransfer(hash);
    expect(await state()).toMatchObject({ hash, state: 'paused', rate: 0, timeLeft: null });
    await b.api.resumeTransfer(hash);
    expect((await state())?.state).toBe('receiving');
    await b.api.cancelTransfer(hash);
    expect(await fetching).toBe('aborted');
    expect(await state()).toBeUndefined();
    await expect(b.api.pauseTransfer(hash)).rejects.toMatchObject({ code: 'not-found' });
    await expect(b.api.cancelTransfer('no hash')).rejects.toMatchObject({ code: 'invalid' });

    hub.tamper = null;
    // What a policy wants stays cancelled.
    await b.api.policy(id, { artifacts: 'all' });
    expect(await state()).toBeUndefined();
    expect(await b.api.fetch(id, cid)).toMatchObject({ files: [{ held: true }] });
    a.stop();
    b.stop();
  });
});
