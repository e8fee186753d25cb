// The graph read along its relations, edits, and manifests from elsewhere, through whole nodes.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { ContributionQuery, Manifest } from '../../../worker/rpc/api.ts';
import { createHub, createPeer, has, pair, until, type TestPeer } from './mesh.ts';

const peers: TestPeer[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.stop();
});

async function alone() {
  const a = createPeer(createHub(), 'a');
  peers.push(a);
  const metrics = [{ name: 'loss', direction: 'minimize' as const, unit: 'nats' }];
  const { id } = await a.api.createGrove({ name: 'Grove', metrics });
  const post = async (kind: 'work' | 'discussion' | 'response', summary: string, extra: object = {}) =>
    (await a.api.contribute(id, { kind, summary, ...extra })).cid;
  const answer = (summary: string, to: string) =>
    post('response', summary, { relations: [{ targetCid: to, relationType: 'responds_to' }] });
  return { a, id, post, answer };
}

const manifest = (fields: object = {}): Manifest => ({
  manifestVersion: 1,
  kind: 'work',
  mode: 'evaluation',
  summary: 'from elsewhere',
  artifacts: {},
  relations: [],
  tags: [],
  agent: { agentId: 'agent' },
  createdAt: '2026-01-01T00:00:00Z',
  ...fields,
});

describe('threads', () => {
  it('G22: thread and threads tell words, authors and counts; what was withdrawn keeps its place without words', async () => {
    const { a, id, post, answer } = await alone();
    const root = await post('discussion', 'Which optimizer?', { description: 'x'.repeat(5000) });
    const first = await answer('Muon', root);
    const second = await answer('Why?', first);
    await a.api.retract(id, first);
    const { items, above } = await a.api.thread(id, root);
    expect(items).toMatchObject([
      {
        cid: root,
        depth: 0,
        parent: null,
        standing: 'held',
        summary: 'Which optimizer?',
        answers: 1,
        clipped: true,
      },
      { cid: first, depth: 1, parent: root, standing: 'withdrawn', answers: 1, clipped: false },
      { cid: second, depth: 2, parent: first, standing: 'held', summary: 'Why?', answers: 0 },
    ]);
    expect(items[0]?.description).toHaveLength(4096);
    expect(items[1]).not.toHaveProperty('summary');
    expect(above).toEqual([]);
    expect((await a.api.thread(id, second)).above.map(({ cid }) => cid)).toEqual([root, first]);
    const list = await a.api.threads(id);
    const { peerId } = await a.api.identity();
    expect(list.items).toMatchObject([
      {
        cid: root,
        summary: 'Which optimizer?',
        answers: 1,
        authors: 1,
        latest: { cid: second, author: peerId },
      },
    ]);
    expect((await a.api.threads(id, { kind: 'ask_user' })).items).toEqual([]);
  });

  it('G22: errors name the argument, the limit and what was given', async () => {
    const { a, id } = await alone();
    const nobody = `blake3:${'0'.repeat(64)}`;
    await expect(a.api.thread(id, nobody)).rejects.toMatchObject({
      code: 'not-found',
      message: /^cid: no contribution/,
    });
    await expect(a.api.thread(id, nobody, { limit: 501 })).rejects.toMatchObject({
      code: 'invalid',
      message: /limit.*500.*501/,
    });
    await expect(a.api.threads(id, { cursor: 'x' })).rejects.toMatchObject({
      code: 'invalid',
      message: /cursor/,
    });
    await expect(a.api.path(id, nobody, nobody)).rejects.toMatchObject({
      code: 'not-found',
      message: /^from: /,
    });
    await expect(a.api.series(id, 'fame')).rejects.toMatchObject({ code: 'not-found', message: /metric/ });
    await expect(a.api.session(id, { agentId: 'x', author: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});

describe('lineage, series and filters', () => {
  it('G23, G24, G5: through the node', async () => {
    const { a, id, post } = await alone();
    const score = (value: number) => ({ scores: { loss: { value, direction: 'minimize' as const } } });
    const base = await post('work', 'base', { ...score(3), tags: ['slow'] });
    const next = await post('work', 'next', {
      ...score(2),
      relations: [{ targetCid: base, relationType: 'derives_from' }],
      context: { seed: { n: 1 } },
      agent: { agentId: 'bot', agentName: 'Bot', platform: 'lab' },
    });
    const worse = await post('work', 'worse', {
      ...score(5),
      relations: [{ targetCid: next, relationType: 'derives_from' }],
    });
    expect(await a.api.lineage(id, next)).toMatchObject({
      ancestors: [
        { cid: base, depth: 1, summary: 'base', via: [{ cid: next, relationType: 'derives_from' }] },
      ],
      descendants: [{ cid: worse, depth: 1, summary: 'worse' }],
      truncated: { ancestors: false, descendants: false },
    });
    const path = await a.api.path(id, worse, base);
    expect(path.items?.map(({ cid }) => cid)).toEqual([worse, next, base]);
    expect(path.steps).toEqual([
      { from: worse, to: next, relationType: 'derives_from' },
      { from: next, to: base, relationType: 'derives_from' },
    ]);
    const series = await a.api.series(id, 'loss');
    expect(series).toMatchObject({ direction: 'minimize', unit: 'nats', total: 3, improvements: 2 });
    expect(series.points.map(({ cid, best, improves }) => [cid, best, improves])).toEqual([
      [base, 3, true],
      [next, 2, true],
      [worse, 2, false],
    ]);

    const { peerId } = await a.api.identity();
    const filters: [ContributionQuery, string[]][] = [
      [{ platform: 'lab' }, [next]],
      [{ agentId: 'bot' }, [next]],
      [{ agentName: 'Bot' }, [next]],
      [{ context: { seed: { n: 1 } } }, [next]],
      [{ context: { seed: { n: 2 } } }, []],
      [{ tags: ['slow'] }, [base]],
      [{ author: peerId, mode: 'evaluation' }, [next, base, worse]],
      [{ author: '0'.repeat(64) }, []],
    ];
    for (const [filter, expected] of filters) {
      const { byMetric } = await a.api.frontier(id, { ...filter, metric: 'loss' });
      expect(byMetric['loss']?.entries.map(({ cid }) => cid)).toEqual(expected);
      const { items } = await a.api.contributions(id, filter);
      expect(new Set(items.map(({ cid }) => cid))).toEqual(new Set(expected));
    }
  });
});

describe('sessions', () => {
  it('G24: an author’s entries come in order, acts among them; an agent’s are its contributions', async () => {
    const { a, id, post } = await alone();
    const { peerId } = await a.api.identity();
    const one = await post('work', 'one', { agent: { agentId: 'bot', agentName: 'Bot' } });
    const two = await post('work', 'two');
    await a.api.vote(id, one, 'up');
    await a.api.outcome(id, one, 'accepted', 'it runs');
    await a.api.retract(id, two);
    const sessions = await a.api.sessions(id);
    expect(sessions.agents.find(({ agentId }) => agentId === 'bot')).toMatchObject({
      agentName: 'Bot',
      contributions: 1,
    });
    expect(sessions.authors).toMatchObject([{ author: peerId, contributions: 2, acts: 3 }]);
    const { items } = await a.api.session(id, { author: peerId });
    expect(items.map(({ kind, word, note, target }) => [kind, word, note, target?.cid])).toEqual([
      ['contribution', undefined, undefined, one],
      ['contribution', undefined, undefined, two],
      ['vote', 'up', undefined, one],
      ['outcome', 'accepted', 'it runs', one],
      ['retract', undefined, undefined, two],
    ]);
    expect(items.map(({ target }) => target?.standing)).toEqual([
      'held',
      'withdrawn',
      'held',
      'held',
      'withdrawn',
    ]);
    const first = await a.api.session(id, { author: peerId }, { limit: 2 });
    const rest = await a.api.session(id, { author: peerId }, { cursor: first.cursor ?? '' });
    expect([...first.items, ...rest.items]).toEqual(items);
    expect(rest.cursor).toBeUndefined();
    const agent = await a.api.session(id, { agentId: 'bot' });
    expect(agent.items).toMatchObject([
      { kind: 'contribution', author: peerId, target: { cid: one, summary: 'one' } },
    ]);
  });
});

describe('activity', () => {
  it('G29: tells what happened, the newest first, with what it is about, but not that a claim was renewed', async () => {
    const { a, id, post } = await alone();
    const plan = (await a.api.contribute(id, { kind: 'plan', summary: 'try warmup' })).cid;
    await a.api.invite(id);
    await a.api.claim(id, plan, { note: 'mine', renew: false });
    await a.api.renewClaim(id, plan);
    await a.api.vote(id, plan, 'up');
    const two = await post('work', 'two');
    const { items, end, cursor } = await a.api.activity(id);
    expect(items.map(({ kind, word, target }) => [kind, word, target?.cid])).toEqual([
      ['contribution', undefined, two],
      ['vote', 'up', plan],
      ['claim', 'claim', plan],
      ['contribution', undefined, plan],
      ['contract', undefined, undefined],
    ]);
    expect(items[0]).toMatchObject({ place: end - 1, target: { summary: 'two' } });
    expect(cursor).toBeUndefined();
    const first = await a.api.activity(id, { limit: 2 });
    const rest = await a.api.activity(id, { before: first.cursor ?? 0 });
    expect([...first.items, ...rest.items]).toEqual(items);
    await post('work', 'three');
    expect((await a.api.activity(id, { limit: 1 })).items).toMatchObject([{ place: end }]);
  });
});

describe('edit', () => {
  it('G25: supersedes, and carries over what isn’t given: fields, unknown ones, relations and artifacts', async () => {
    const { a, id, post } = await alone();
    const base = await post('work', 'base');
    const { cid } = await a.api.publish(
      id,
      manifest({
        description: 'long',
        tags: ['kept'],
        artifacts: { 'a.txt': `blake3:${'7'.repeat(64)}` },
        relations: [
          { targetCid: base, relationType: 'derives_from', metadata: { relationship: 'supersedes' } },
          { targetCid: base, relationType: 'reviews' },
        ],
        somethingLater: { deep: [1] },
      }),
    );
    const edited = await a.api.edit(id, cid, {
      summary: 'better',
      description: null,
      artifacts: { 'b.txt': 'new bytes' },
    });
    const told = await a.api.contribution(id, edited.cid);
    expect(told).toMatchObject({
      kind: 'work',
      summary: 'better',
      tags: ['kept'],
      somethingLater: { deep: [1] },
      artifacts: { 'a.txt': `blake3:${'7'.repeat(64)}`, 'b.txt': await a.api.hash('new bytes') },
      relations: [
        { targetCid: cid, relationType: 'derives_from', metadata: { relationship: 'supersedes' } },
        { targetCid: base, relationType: 'reviews' },
      ],
    });
    expect(told).not.toHaveProperty('description');
    expect(told.files.map(({ name, held }) => [name, held])).toEqual([
      ['a.txt', false],
      ['b.txt', true],
    ]);
    expect(told.agent.agentId).toBe((await a.api.identity()).peerId);
    expect((await a.api.contribution(id, cid)).lifecycle).toBe('superseded');
    const again = await a.api.edit(id, edited.cid, { artifacts: { 'a.txt': null }, tags: [] });
    expect(await a.api.contribution(id, again.cid)).toMatchObject({
      tags: [],
      artifacts: { 'b.txt': told.artifacts['b.txt'] },
    });
  });

  it('G25, C22: what can’t be edited is refused, and nothing is stored', async () => {
    const { a, id, post } = await alone();
    const cid = await post('work', 'mine');
    await expect(a.api.edit(id, cid, { summary: '' })).rejects.toMatchObject({
      code: 'invalid',
      message: /summary/,
    });
    await expect(a.api.edit(id, `blake3:${'1'.repeat(64)}`, { summary: 'x' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(
      a.api.edit(id, cid, { description: 'y'.repeat(65_537), artifacts: { 'b.txt': 'bytes' } }),
    ).rejects.toMatchObject({ code: 'too-large', message: /description/ });
    await a.api.retract(id, cid);
    await expect(a.api.edit(id, cid, { artifacts: { 'b.txt': 'bytes' } })).rejects.toMatchObject({
      message: /withdrawn/,
    });
    expect((await a.api.stored(id)).length).toBe(0);
    expect((await a.api.contributions(id)).items).toEqual([]);
  });

  it('G25: another member may edit, with artifacts that it doesn’t hold; whoever holds the former’s can bring them', async () => {
    const { a, b, id } = await pair(createHub());
    peers.push(a, b);
    await b.api.policy(id, { artifacts: 'on-demand' });
    const { cid } = await a.api.contribute(id, {
      kind: 'work',
      summary: 'one',
      artifacts: { 'a.txt': 'the bytes' },
    });
    await has(b, id, cid);
    const edited = await b.api.edit(id, cid, { summary: 'two' });
    await has(a, id, edited.cid);
    const told = await until(async () => {
      const each = await a.api.contribution(id, edited.cid);
      return each.files[0]?.held === true ? each : null;
    }, 'the artifact is known to be held');
    expect(told.author).toBe((await b.api.identity()).peerId);
    expect(await (await b.api.artifact(id, edited.cid, 'a.txt')).text()).toBe('the bytes');
  });
});

describe('manifests from elsewhere', () => {
  const vector = JSON.parse(
    readFileSync(new URL('../../vectors/grove-cid.json', import.meta.url), 'utf8'),
  ) as { manifest: Manifest; cid: string };

  it('M1, M2: unknown kinds, modes, relations and fields, and any characters, are published under the CID they had', async () => {
    const { a, b, id } = await pair(createHub());
    peers.push(a, b);
    const strange = manifest({
      kind: 'simulation',
      mode: 'dream',
      summary: 'Ünïcødé 漢字 🌳 \u0000\u2028',
      tags: ['é', 'e\u0301', ''],
      relations: [{ targetCid: vector.cid, relationType: 'refutes', metadata: { why: ['🌲', 1e21, 0.1] } }],
      context: { clé: { '🌳': null } },
      agent: { agentId: 'agent', model: 'later' },
      provenance: { steps: [{ n: 1 }, []] },
      'weird key \u20ac': true,
    });
    const said = await a.api.cid(strange);
    for (const [given, cid] of [
      [strange, said],
      [vector.manifest, vector.cid],
    ] as const) {
      expect(await a.api.publish(id, given)).toEqual({ cid });
      // A `cid` field is no part of what is hashed.
      expect(await a.api.publish(id, { ...given, cid } as Manifest)).toEqual({ cid });
      await has(b, id, cid);
      expect(await b.api.contribution(id, cid)).toMatchObject(given);
    }
    expect(
      (await b.api.contributions(id, { kind: 'simulation', mode: 'dream' })).items.map(({ cid }) => cid),
    ).toEqual([said]);
    const frontier = await b.api.frontier(id, { kind: 'simulation' });
    expect(frontier.byRecency.map(({ cid }) => cid)).toEqual([said]);
    expect((await b.api.lineage(id, said)).ancestors).toMatchObject([
      { cid: vector.cid, via: [{ relationType: 'refutes' }] },
    ]);
    expect((await b.api.lineage(id, said, { relations: ['adopts'] })).ancestors).toEqual([]);
    await expect(b.api.contributions(id, { kind: 'x'.repeat(65) })).rejects.toMatchObject({
      code: 'too-large',
    });
  });
});
