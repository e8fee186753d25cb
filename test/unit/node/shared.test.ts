// Prompts, settings, profiles and contracts through whole nodes: what is written on one arrives on others, and only there.
import { describe, expect, it } from 'vitest';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const PROMPT = {
  id: 'review',
  name: 'Review a run',
  system_prompt: 'You review.',
  tools: ['search', { name: 'diff', strict: true }],
  user_prompt: 'Look at {{cid}}.',
  updated_at: '2026-11-21T12:00:00Z',
  later: { than: ['this', 'build'] },
};

const promptsOf = async (peer: TestPeer, id: string) =>
  (await peer.api.prompts(id)).map(({ prompt, own, inEffect, authorName }) => ({
    text: prompt.user_prompt,
    own,
    inEffect,
    authorName,
  }));
const settled = (peer: TestPeer, id: string, name: string, value: unknown): Promise<unknown> =>
  until(
    async () =>
      (await peer.api.groveSettings(id)).some(
        (each) => each.name === name && each.inEffect && JSON.stringify(each.value) === JSON.stringify(value),
      ),
    `${name} at ${JSON.stringify(value)}`,
  );

describe('what members share', () => {
  it('G18, G11: prompts, settings and capabilities arrive, survive a restart, and are there for who joins late', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    expect(await a.api.setPrompt(id, PROMPT)).toEqual(PROMPT);
    await a.api.setting(id, 'round', { seconds: 90, unknown: [null] });
    const avatar = await a.api.hash('an image');
    await a.api.setProfile(id, { avatar, description: 'Runs sweeps', capabilities: ['cuda', 'review'] });
    await b.api.setProfile(id, { capabilities: ['cpu'] });

    const { peerId } = await a.api.identity();
    const check = async (peer: TestPeer): Promise<void> => {
      await settled(peer, id, 'round', { seconds: 90, unknown: [null] });
      await until(
        async () => (await peer.api.profile(id, peerId)).capabilities.length === 2,
        'the capabilities of a',
      );
      expect((await peer.api.prompts(id))[0]).toMatchObject({
        id: 'review',
        prompt: PROMPT,
        author: peerId,
        authorName: 'Ada',
        inEffect: true,
      });
      expect(await peer.api.profile(id, peerId)).toEqual({
        peerId,
        name: 'Ada',
        avatar,
        description: 'Runs sweeps',
        capabilities: ['cuda', 'review'],
        hidden: false,
      });
    };
    await check(b);
    b.stop();
    const again = createPeer(hub, 'b2', { store: b.store });
    await joined(again, id);
    await check(again);
    expect((await again.api.profile(id)).capabilities).toEqual(['cpu']);
    const late = createPeer(hub, 'c');
    await late.api.join(url);
    await joined(late, id);
    await check(late);
    for (const peer of [a, again, late]) peer.stop();
  });

  it('G18, Y1: adopt off: others’ are told apart and not in effect, one’s own are, also after a restart', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await a.api.setPrompt(id, PROMPT);
    await a.api.setting(id, 'round', 1);
    await settled(b, id, 'round', 1);
    await b.api.setPrompt(id, { ...PROMPT, user_prompt: 'By Ben' });
    await until(async () => (await promptsOf(a, id))[0]?.text === 'By Ben', 'at a');
    await a.api.setPrompt(id, { ...PROMPT, user_prompt: 'By Ada' });
    await until(async () => (await promptsOf(b, id))[0]?.text === 'By Ada', 'at b');
    expect((await b.api.policy(id, { adopt: false })).adopt).toBe(false);
    const apart = [
      { text: 'By Ben', own: true, inEffect: true, authorName: 'Ben' },
      { text: 'By Ada', own: false, inEffect: false, authorName: 'Ada' },
    ];
    expect(await promptsOf(b, id)).toEqual(apart);
    expect((await b.api.groveSettings(id)).map(({ value, inEffect }) => ({ value, inEffect }))).toEqual([
      { value: 1, inEffect: false },
    ]);
    b.stop();
    const again = createPeer(hub, 'b2', { store: b.store });
    await joined(again, id);
    expect(await promptsOf(again, id)).toEqual(apart);
    await again.api.removePrompt(id, 'review');
    expect(await promptsOf(again, id)).toEqual([]);
    await until(async () => (await a.api.prompts(id)).length === 0, 'taken away at a');
    expect((await again.api.policy(id, { adopt: true })).adopt).toBe(true);
    expect((await again.api.groveSettings(id))[0]).toMatchObject({ name: 'round', value: 1, inEffect: true });
    await expect(again.api.removePrompt(id, 'review')).rejects.toMatchObject({ code: 'not-found' });
    a.stop();
    again.stop();
  });

  it('G16: what arrives in one grove never touches another', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const other = (await a.api.createGrove({ name: 'Other' })).id;
    await b.api.join(await a.api.invite(other));
    await joined(b, other);
    await a.api.setPrompt(id, PROMPT);
    await a.api.setting(id, 'round', 1);
    await a.api.setProfile(id, { description: 'In the first' });
    await a.api.contract(id, { name: 'Renamed' });
    await a.api.setting(other, 'round', 2);
    await settled(b, id, 'round', 1);
    await settled(b, other, 'round', 2);
    await until(async () => (await b.api.contract(id)).name === 'Renamed', 'renamed');
    expect(await b.api.prompts(other)).toEqual([]);
    expect(await b.api.contract(other)).toMatchObject({ name: 'Other' });
    expect((await b.api.profile(other, (await a.api.identity()).peerId)).description).toBe('');
    a.stop();
    b.stop();
  });

  it('G16: writes of one device at once are all there: none begins from what another replaces', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    await Promise.all([
      a.api.setProfile(id, { description: 'One' }),
      a.api.setProfile(id, { capabilities: ['two'] }),
      a.api.setName('Ada'),
      a.api.setting(id, 'x', 1),
      a.api.setting(id, 'y', 2),
      a.api.contract(id, { description: 'three' }),
      a.api.contract(id, { join: 'approval' }),
    ]);
    await until(async () => (await a.api.profile(id)).name === 'Ada', 'the name');
    expect(await a.api.profile(id)).toMatchObject({ description: 'One', capabilities: ['two'] });
    expect((await a.api.groveSettings(id)).map(({ name, value }) => [name, value])).toEqual([
      ['x', 1],
      ['y', 2],
    ]);
    expect(await a.api.contract(id)).toMatchObject({ description: 'three', join: 'approval' });
    await a.api.setProfile(id, { description: '', avatar: null, capabilities: [] });
    expect(await a.api.profile(id)).toMatchObject({ name: 'Ada', description: '', capabilities: [] });
    await a.api.setting(id, 'x');
    expect((await a.api.groveSettings(id)).map(({ name }) => name)).toEqual(['y']);
    a.stop();
  });

  it('G11: a name told anew keeps what else a profile says, also where the grove is still being read', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    await a.api.setName('Ada');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    await a.api.setProfile(id, { capabilities: ['cuda'] });
    a.stop();
    const again = createPeer(hub, 'a2', { store: a.store });
    await again.api.setName('Ada L.');
    await until(async () => (await again.api.profile(id)).name === 'Ada L.', 'the name');
    expect((await again.api.profile(id)).capabilities).toEqual(['cuda']);
    again.stop();
  });

  it('M14: bad input is refused whole, naming field, limit and what was given', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const before = (await a.api.groves())[0]?.entries;
    const refused = (promise: Promise<unknown>, code: string, message: RegExp): Promise<void> =>
      expect(promise).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    await refused(a.api.setting(id, 'big', 'ü'.repeat(30_000)), 'too-large', /57344 bytes.*given 60002/);
    await refused(a.api.setPrompt(id, { id: 'x', name: '' }), 'invalid', /name/);
    await refused(a.api.setProfile(id, { capabilities: ['x'.repeat(65)] }), 'too-large', /capabilities/);
    await refused(a.call('contract', [id, { gates: [{ type: 'votes' }] }]), 'invalid', /gates/);
    await refused(
      a.api.contract(id, {
        name: 'Good',
        metrics: [
          { name: 'a', direction: 'minimize' },
          { name: 'a', direction: 'maximize' },
        ],
      }),
      'invalid',
      /metrics/,
    );
    await refused(a.api.contract(id, { stops: [{ type: 'budget' }] }), 'invalid', /stops/);
    await refused(a.api.profile(id, 'f'.repeat(64)), 'not-found', /no member/);
    expect((await a.api.groves())[0]).toMatchObject({ entries: before, name: 'Grove' });
    a.stop();
  });
});

describe('the contract', () => {
  it('G17: changes are the owner’s and moderators’, and names, metrics and rankings follow everywhere', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    const score = (value: number) => ({ scores: { loss: { value, direction: 'minimize' as const } } });
    const low = await a.api.contribute(id, work('Low', score(1)));
    const high = await a.api.contribute(id, work('High', score(2)));
    await has(b, id, high.cid);
    const best = async (peer: TestPeer) => (await peer.api.frontier(id)).byMetric['loss']?.entries[0]?.cid;
    expect(await best(b)).toBe(low.cid);
    await expect(b.api.contract(id, { name: 'Mine' })).rejects.toMatchObject({ code: 'forbidden' });
    const metrics = [
      { name: 'loss', direction: 'maximize' as const, unit: 'nats' },
      { name: 'speed', direction: 'maximize' as const },
    ];
    const told = b.events.filter(({ name }) => name === 'groves').length;
    const changed = await a.api.contract(id, {
      name: 'Renamed',
      description: 'On',
      metrics,
      join: 'approval',
    });
    expect(changed).toEqual({
      name: 'Renamed',
      description: 'On',
      metrics,
      gates: [],
      stops: [],
      join: 'approval',
      policy: {},
    });
    await until(async () => (await b.api.contract(id)).join === 'approval', 'all of it at b');
    expect(await b.api.contract(id)).toEqual(changed);
    const isTold = () => b.events.filter(({ name }) => name === 'groves').length > told;
    await until(() => Promise.resolve(isTold()), 'the list of groves changed at b');
    for (const peer of [a, b]) {
      expect(await best(peer)).toBe(high.cid);
      expect(Object.keys((await peer.api.frontier(id)).byMetric)).toEqual(['loss', 'speed']);
      expect((await peer.api.groves())[0]).toMatchObject({ name: 'Renamed', description: 'On', metrics });
    }
    // What says what there already is writes nothing.
    const entries = (await a.api.groves())[0]?.entries;
    expect(await a.api.contract(id, { name: 'Renamed' })).toEqual(changed);
    expect((await a.api.groves())[0]?.entries).toBe(entries);
    expect(await a.api.contract(id, { name: null, metrics: null })).toMatchObject({
      name: 'Grove',
      metrics: [{ name: 'loss', direction: 'minimize' }],
    });
    await until(async () => (await b.api.groves())[0]?.name === 'Grove', 'the first name at b');
    expect(await best(b)).toBe(low.cid);
    b.stop();
    const again = createPeer(hub, 'b2', { store: b.store });
    await joined(again, id);
    expect(await again.api.contract(id)).toEqual(await a.api.contract(id));
    const late = createPeer(hub, 'c');
    await late.api.join(url);
    const [asks] = await until(async () => {
      const requests = await a.api.joinRequests(id);
      return requests.length > 0 && requests;
    }, 'the contract wants a yes');
    await a.api.approveJoin(id, asks?.peerId ?? '');
    await joined(late, id);
    expect(await late.api.contract(id)).toEqual(await a.api.contract(id));
    for (const peer of [a, again, late]) peer.stop();
  });

  it('G17: who joins begins with the contract’s policy; who is in, or chose, keeps its own', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    await a.api.contract(id, {
      policy: {
        bodies: 'on-demand',
        artifacts: 'pinned',
        adopt: false,
        budget: 5_000,
        thresholds: { loss: 2 },
      },
    });
    await until(async () => (await b.api.contract(id)).policy.budget, 'at b');
    expect(await b.api.policy(id)).toMatchObject({ bodies: 'all', artifacts: 'all', adopt: true });
    const c = createPeer(hub, 'c');
    await c.api.join(url);
    await joined(c, id);
    const begun = {
      bodies: 'on-demand',
      artifacts: 'pinned',
      gossip: 'on',
      budget: 5_000,
      thresholds: { loss: 2 },
      adopt: false,
    };
    expect(await c.api.policy(id)).toEqual(begun);
    const d = createPeer(hub, 'd');
    await d.api.join(url);
    await d.api.policy(id, { bodies: 'frontier' });
    await joined(d, id);
    expect(await d.api.policy(id)).toMatchObject({ bodies: 'frontier', artifacts: 'all', adopt: true });
    // It is for joining only.
    await a.api.contract(id, { policy: { bodies: 'all' } });
    await until(async () => (await c.api.contract(id)).policy.bodies === 'all', 'the change at c');
    expect(await c.api.policy(id)).toEqual(begun);
    c.stop();
    const again = createPeer(hub, 'c2', { store: c.store });
    await joined(again, id);
    expect(await again.api.policy(id)).toEqual(begun);
    for (const peer of [a, b, again, d]) peer.stop();
  });

  it('G19-G21: gates, stops and verification are told of records, and verification wherever scores are', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await a.api.contract(id, {
      gates: [
        { type: 'min_reviews', count: 1 },
        { type: 'has_artifact', name: 'log.txt' },
      ],
      stops: [
        { type: 'target', metric: 'loss', value: 1 },
        { type: 'budget', contributions: 3 },
      ],
    });
    const { cid } = await a.api.contribute(
      id,
      work('Asks', {
        scores: { loss: { value: 1, direction: 'minimize' } },
        artifacts: { 'log.txt': 'log' },
        context: { verify: { how: 'Run it twice', quorum: 1 } },
      }),
    );
    await has(b, id, cid);
    expect(await a.api.contribution(id, cid)).toMatchObject({
      verification: { state: 'pending', confirmed: 0, quorum: 1 },
      gates: { passed: false, results: [{ passed: false }, { passed: true }] },
    });
    const relation = (relationType: 'reviews' | 'reproduces', metadata: Record<string, string | number>) => ({
      relations: [{ targetCid: cid, relationType, metadata }],
    });
    const kind = (name: 'review' | 'reproduction', extra: object) => ({
      kind: name,
      summary: name,
      ...extra,
    });
    await b.api.contribute(id, kind('review', relation('reviews', { score: 1 })));
    const word = await b.api.contribute(
      id,
      kind('reproduction', relation('reproduces', { result: 'confirmed' })),
    );
    await has(a, id, word.cid);
    const verification = { state: 'confirmed', confirmed: 1, quorum: 1 };
    await until(async () => (await a.api.gates(id, cid))?.passed, 'all gates');
    expect(await a.api.contribution(id, cid)).toMatchObject({ verification, gates: { passed: true } });
    const listed = (await a.api.contributions(id)).items;
    expect(listed.find((item) => item.cid === cid)?.verification).toEqual(verification);
    expect(listed.find((item) => item.cid === word.cid)).not.toHaveProperty('verification');
    expect((await a.api.frontier(id)).byMetric['loss']?.entries[0]?.verification).toEqual(verification);
    expect(await a.api.verification(id, cid)).toEqual({
      ...verification,
      how: 'Run it twice',
      words: [
        {
          author: (await b.api.identity()).peerId,
          authorName: 'Ben',
          cid: word.cid,
          says: 'confirmed',
          answeredBy: null,
        },
      ],
    });
    expect(await a.api.verification(id, word.cid)).toBeNull();
    expect((await a.api.stops(id)).map(({ met, figures }) => ({ met, figures }))).toEqual([
      { met: true, figures: { best: 1 } },
      { met: true, figures: { contributions: 3 } },
    ]);
    await a.api.retract(id, cid);
    expect(await a.api.gates(id, cid)).toBeNull();
    expect((await a.api.contribution(id, cid)).verification).toBeNull();
    a.stop();
    b.stop();
  });
});
