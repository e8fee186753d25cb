// Whole nodes together, in memory: the main job without a browser.
import { describe, expect, it } from 'vitest';
import { createHub, createPeer, until } from './mesh.ts';

const text = async (blob: Blob): Promise<string> => blob.text();

describe('the node', () => {
  it('A5, S5, C3: a second peer joins by invite, gets what is there with its artifact, and derives from it', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    await a.api.setName('Ada');
    const { id } = await a.api.createGrove({
      name: 'Speedrun',
      metrics: [{ name: 'minutes', direction: 'minimize' }],
    });
    const { cid } = await a.api.contribute(id, {
      kind: 'work',
      summary: 'First',
      scores: { minutes: { value: 45, direction: 'minimize' } },
      artifacts: { 'notes.txt': 'hello from a' },
    });
    const url = await a.api.invite(id);

    const b = createPeer(hub, 'b');
    await b.api.setName('Ben');
    expect((await b.api.previewInvite(url)).name).toBe('Speedrun');
    await b.api.join(url);
    const first = await until(
      async () => (await b.api.frontier(id)).byMetric['minutes']?.entries[0],
      'frontier at b',
    );
    expect(first.cid).toBe(cid);
    expect(await text(await b.api.artifact(id, cid, 'notes.txt'))).toBe('hello from a');
    const seen = await b.api.contribution(id, cid);
    expect(seen.author).toBe((await a.api.identity()).peerId);
    expect(seen.authorName).toBe('Ada');

    const child = await b.api.contribute(id, {
      kind: 'work',
      summary: 'Second',
      scores: { minutes: { value: 31, direction: 'minimize' } },
      relations: [{ targetCid: cid, relationType: 'derives_from' }],
    });
    const at = await until(
      async () => (await a.api.frontier(id)).byMetric['minutes']?.entries[0]?.cid === child.cid,
      'at a',
    );
    expect(at).toBe(true);
    expect((await a.api.contribution(id, cid)).incoming[0]?.cid).toBe(child.cid);
    expect(await b.api.replicated(id, child.cid, 1)).toEqual({ copies: 1 });
    a.stop();
    b.stop();
  });
});
