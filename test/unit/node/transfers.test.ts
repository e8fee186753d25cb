// Transfers by hand over whole peers: paused, cancelled, asked for again.
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';
import { createHub, createPeer, has, pair, until, work } from './mesh.ts';

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

  it('C11: stays paused and stays cancelled over a restart, whatever the policy, until a person says otherwise', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const first = await a.api.contribute(id, work('One', { artifacts: { 'one.txt': 'one by a' } }));
    // Its blocks don't arrive for now.
    hub.tamper = (frame) => {
      const decoded = decodeFrame(frame);
      return decoded.ok && decoded.value.type === 'block' ? null : frame;
    };
    const second = await a.api.contribute(id, work('Two', { artifacts: { 'two.txt': 'two by a' } }));
    const third = await a.api.contribute(id, work('Three', { artifacts: { 'three.txt': 'three by a' } }));
    await b.api.policy(id, { artifacts: 'all' });
    const of = async (peer: typeof b, { cid }: { cid: string }) =>
      (await peer.api.stats()).transfers.find(({ cids }) => cids.includes(cid));
    const [paused, cancelled] = await Promise.all(
      [second, third].map((each) => until(() => of(b, each), 'its transfer')),
    );
    expect(paused === undefined || cancelled === undefined).toBe(false);
    await b.api.pauseTransfer(paused?.hash ?? '');
    await b.api.cancelTransfer(cancelled?.hash ?? '');
    // Nobody but a person would have it fetched after the restart.
    await b.api.policy(id, { artifacts: 'on-demand' });
    b.stop();

    hub.tamper = null;
    const again = createPeer(hub, 'b', { store: b.store });
    expect(await until(() => of(again, second), 'what is paused')).toMatchObject({
      hash: paused?.hash,
      state: 'paused',
      cids: [second.cid],
    });
    await again.api.policy(id, { artifacts: 'all' });
    const isHeld = async ({ cid }: { cid: string }) =>
      (await again.api.contribution(id, cid)).files.every(({ held }) => held);
    // What nobody stopped comes; so both of the others could have come too.
    await until(() => isHeld(first), 'the first');
    expect(await of(again, second)).toMatchObject({ state: 'paused' });
    expect(await of(again, third)).toBeUndefined();

    expect(await again.api.fetch(id, second.cid)).toMatchObject({ files: [{ held: true }] });
    expect(await isHeld(third)).toBe(false);
    await again.api.pin(id, third.cid);
    await until(() => isHeld(third), 'what was pinned');
    a.stop();
    again.stop();
  });
});
