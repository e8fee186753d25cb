// Claims, votes, outcomes, tasks and questions through whole nodes: one test for each method, and what each refuses.
import { describe, expect, it } from 'vitest';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const plan = (summary: string) => ({ kind: 'plan' as const, summary });
const ask = (summary: string, priority?: string) => ({
  kind: 'ask_user' as const,
  summary,
  ...(priority === undefined ? {} : { context: { priority } }),
});
const answer = (summary: string, to: string) => ({
  kind: 'response' as const,
  summary,
  relations: [{ targetCid: to, relationType: 'responds_to' as const }],
});
const told = (peer: TestPeer, name: string): unknown[] =>
  peer.events.filter((event) => event.name === name).map(({ payload }) => payload);
const self = async (peer: TestPeer) => (await peer.api.identity()).peerId;

describe('claims', () => {
  it('G13, G14: one claims, all see who; another is refused until it is released', async () => {
    const { a, b, id } = await pair(createHub());
    const { cid } = await a.api.contribute(id, plan('Sweep'));
    await has(b, id, cid);
    const claim = await b.api.claim(id, cid, { lease: 60_000, note: 'on it', renew: false });
    const author = await self(b);
    expect(claim).toMatchObject({ author, authorName: 'Ben', status: 'active', note: 'on it' });
    expect(claim.until - claim.at).toBe(60_000);
    await until(async () => (await a.api.claims(id, cid)).current, 'the claim at a');
    const seen = await a.api.claims(id, cid);
    expect(seen).toEqual({ current: claim, history: [{ ...claim, by: null }], total: 1 });
    expect((await a.api.contribution(id, cid)).claim).toEqual(claim);
    expect((await a.api.contributions(id)).items[0]?.claim).toEqual(claim);
    expect((await a.api.tasks(id, { status: ['claimed'] })).items).toMatchObject([
      { cid, status: 'claimed' },
    ]);
    expect((await b.api.tasks(id, { mine: true })).items).toHaveLength(1);
    expect((await a.api.tasks(id, { mine: true })).items).toEqual([]);

    const taken = await a.api.claim(id, cid).catch((error: unknown) => error);
    expect(taken).toMatchObject({ code: 'busy' });
    expect(String(taken)).toContain(`is claimed by Ben (${author}) until`);
    for (const method of ['renewClaim', 'release', 'complete'] as const)
      await expect(a.api[method](id, cid)).rejects.toMatchObject({ code: 'not-found' });

    expect(await b.api.release(id, cid, 'too hard')).toBeNull();
    await expect(b.api.release(id, cid)).rejects.toMatchObject({ code: 'invalid' });
    await until(async () => (await a.api.tasks(id, { status: ['open'] })).items[0], 'the release at a');
    const next = await a.api.claim(id, cid);
    expect(next.until - next.at).toBe(300_000);
    const { current, history } = await a.api.claims(id, cid);
    expect(current?.claim).toBe(next.claim);
    expect(history.map(({ status, by, note }) => [status, by, note])).toEqual([
      ['active', null, ''],
      ['released', next.claim, 'too hard'],
    ]);
    // Who let go has lost nothing.
    await until(async () => (await b.api.claims(id, cid)).total === 2, 'the second claim at b');
    expect([...told(a, 'claim-lost'), ...told(b, 'claim-lost')]).toEqual([]);
    a.stop();
    b.stop();
  });

  it('G14: to claim what one holds renews it, as renewClaim does; what is completed stays so', async () => {
    const a = createPeer(createHub(), 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const { cid } = await a.api.contribute(id, ask('Which seed?'));
    const claim = await a.api.claim(id, cid, { lease: 10_000 });
    const again = await a.api.claim(id, cid, { lease: 20_000 });
    expect(again).toMatchObject({ claim: claim.claim });
    expect(again.until - again.at).toBe(20_000);
    await a.api.renewClaim(id, cid, { lease: 50_000, note: 'half way' });
    const { current, total } = await a.api.claims(id, cid);
    expect(current).toMatchObject({ claim: claim.claim, note: 'half way', status: 'active' });
    expect((current?.until ?? 0) - Date.now()).toBeGreaterThan(20_000);
    expect(total).toBe(1);
    expect(await a.api.complete(id, cid)).toBeNull();
    expect((await a.api.tasks(id)).items).toMatchObject([{ cid, status: 'completed' }]);
    for (const method of ['claim', 'renewClaim', 'release', 'complete'] as const)
      await expect(a.api[method](id, cid)).rejects.toMatchObject({ code: 'invalid' });
    a.stop();
  });

  it('G14: only plans and questions that stand can be claimed, and leases are bounded; nothing is written else', async () => {
    const a = createPeer(createHub(), 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const { cid } = await a.api.contribute(id, work('A result'));
    const withdrawn = await a.api.contribute(id, plan('Never mind'));
    await a.api.retract(id, withdrawn.cid);
    const kept = await a.api.contribute(id, plan('Sweep'));
    const before = (await a.api.changes(id)).items.length;
    await expect(a.api.claim(id, cid)).rejects.toMatchObject({ code: 'invalid' });
    await expect(a.api.claim(id, withdrawn.cid)).rejects.toMatchObject({ code: 'not-found' });
    await expect(a.api.claim(id, `blake3:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'not-found' });
    for (const lease of [0, -1, 1.5, 86_400_001])
      await expect(a.api.claim(id, kept.cid, { lease })).rejects.toMatchObject({ code: 'invalid' });
    await expect(a.api.claim(id, kept.cid, { note: 'x'.repeat(4_097) })).rejects.toMatchObject({
      code: 'too-large',
    });
    expect((await a.api.changes(id)).items).toHaveLength(before);
    expect((await a.api.claims(id, kept.cid)).total).toBe(0);
    a.stop();
  });

  it('G14: a claim with a short lease is renewed while its device runs, unless it said not to', async () => {
    const a = createPeer(createHub(), 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const kept = await a.api.contribute(id, plan('Sweep'));
    const left = await a.api.contribute(id, plan('Another'));
    const claim = await a.api.claim(id, kept.cid, { lease: 600 });
    await a.api.claim(id, left.cid, { lease: 600, renew: false });
    await until(
      async () => ((await a.api.claims(id, kept.cid)).current?.until ?? 0) > claim.until + 600,
      'renewals',
    );
    expect((await a.api.claims(id, kept.cid)).current?.status).toBe('active');
    expect((await a.api.tasks(id, { status: ['expired'] })).items).toMatchObject([{ cid: left.cid }]);
    await expect(a.api.renewClaim(id, left.cid)).rejects.toMatchObject({ code: 'expired' });
    // To claim it anew names the end of the old claim.
    const second = await a.api.claim(id, left.cid);
    expect((await a.api.claims(id, left.cid)).history).toMatchObject([
      { claim: second.claim, status: 'active' },
      { status: 'ended', by: second.claim },
    ]);
    expect(told(a, 'claim-lost')).toEqual([]);
    a.stop();
  });

  it('G11: a reader may look, and neither claim nor vote nor judge', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const { cid } = await a.api.contribute(id, plan('Sweep'));
    const c = createPeer(hub, 'c');
    await c.api.join(await a.api.invite(id, { role: 'reader' }));
    await joined(c, id);
    await has(c, id, cid);
    await expect(c.api.claim(id, cid)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(c.api.vote(id, cid, 'up')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(c.api.outcome(id, cid, 'accepted')).rejects.toMatchObject({ code: 'forbidden' });
    expect((await c.api.tasks(id)).items).toHaveLength(1);
    for (const peer of [a, b, c]) peer.stop();
  });

  it('G13: a manifest’s own fields never pass for what members did', async () => {
    const a = createPeer(createHub(), 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const { cid } = await a.api.publish(id, {
      ...{ manifestVersion: 1, kind: 'plan', mode: 'evaluation', summary: 'Sly', artifacts: {} },
      ...{ relations: [], tags: [], agent: { agentId: 'x' }, createdAt: '2026-01-01T00:00:00Z' },
      ...{ votes: { up: 9, down: 0, mine: null }, claim: { status: 'active' }, outcomes: { accepted: 5 } },
    });
    const shown = await a.api.contribution(id, cid);
    expect([shown.votes, shown.claim, shown.outcomes]).toEqual([undefined, undefined, undefined]);
    a.stop();
  });
});

describe('votes and outcomes', () => {
  it('G12: each person’s last vote counts, everywhere and by name', async () => {
    const { a, b, id } = await pair(createHub());
    const { cid } = await a.api.contribute(id, work('A result'));
    await has(b, id, cid);
    expect((await a.api.contribution(id, cid)).votes).toBeUndefined();
    await a.api.vote(id, cid, 'up');
    await b.api.vote(id, cid, 'up');
    await b.api.vote(id, cid, 'down');
    await until(async () => (await a.api.votes(id, cid)).down === 1, 'the vote at a');
    const votes = await a.api.votes(id, cid);
    expect(votes).toMatchObject({ up: 1, down: 1, mine: 'up' });
    expect(votes.votes.map(({ authorName, vote }) => [authorName, vote]).sort()).toEqual([
      ['Ada', 'up'],
      ['Ben', 'down'],
    ]);
    expect((await a.api.contributions(id)).items[0]?.votes).toEqual({ up: 1, down: 1, mine: 'up' });
    await a.api.vote(id, cid, 'none');
    expect((await a.api.contribution(id, cid)).votes).toEqual({ up: 0, down: 1, mine: null });
    await expect(a.api.vote(id, `blake3:${'0'.repeat(64)}`, 'up')).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(a.call('vote', [id, cid, 'maybe'])).rejects.toMatchObject({ code: 'invalid' });
    a.stop();
    b.stop();
  });

  it('G12: each evaluator’s last outcome is shown, with its reason', async () => {
    const { a, b, id } = await pair(createHub());
    const { cid } = await a.api.contribute(id, work('A result'));
    await has(b, id, cid);
    await b.api.outcome(id, cid, 'accepted');
    await b.api.outcome(id, cid, 'crashed', 'out of memory');
    await a.api.outcome(id, cid, 'accepted');
    await until(
      async () => (await a.api.outcomes(id, cid)).some(({ outcome }) => outcome === 'crashed'),
      'it',
    );
    const all = await a.api.outcomes(id, cid);
    expect(all.map(({ authorName, outcome, reason }) => [authorName, outcome, reason]).sort()).toEqual([
      ['Ada', 'accepted', ''],
      ['Ben', 'crashed', 'out of memory'],
    ]);
    expect((await a.api.contribution(id, cid)).outcomes).toEqual({ accepted: 1, crashed: 1 });
    expect((await a.api.contributions(id)).items[0]?.outcomes).toEqual({ accepted: 1, crashed: 1 });
    await expect(a.call('outcome', [id, cid, 'fine'])).rejects.toMatchObject({ code: 'invalid' });
    a.stop();
    b.stop();
  });
});

describe('questions', () => {
  it('G15: who is there is told of a question, and who asked of the response; then it is open no more', async () => {
    const { a, b, id } = await pair(createHub());
    const asked = await a.api.contribute(id, ask('Which seed?', 'urgent'));
    await until(() => Promise.resolve(told(b, 'asked').length > 0), 'the question at b');
    const author = await self(a);
    expect(told(b, 'asked')).toEqual([{ grove: id, cid: asked.cid, author }]);
    const { items } = await b.api.questions(id, { open: true });
    expect(items).toMatchObject([{ cid: asked.cid, status: 'open', priority: 'urgent', responses: 0 }]);
    expect((await b.api.questions(id, { priority: 'low' })).items).toEqual([]);
    expect((await b.api.questions(id, { mine: true })).items).toEqual([]);
    expect((await a.api.questions(id, { mine: true })).items).toHaveLength(1);
    const { cid } = await b.api.contribute(id, answer('Seven', asked.cid));
    await until(() => Promise.resolve(told(a, 'answered').length > 0), 'the response at a');
    expect(told(a, 'answered')).toEqual([{ grove: id, cid: asked.cid, response: cid }]);
    expect((await a.api.questions(id, { open: true })).items).toEqual([]);
    expect((await a.api.questions(id, { open: false })).items).toMatchObject([
      { status: 'answered', responses: 1 },
    ]);
    // Nobody is told of what is their own.
    expect([...told(a, 'asked'), ...told(b, 'answered')]).toEqual([]);
    await b.api.retract(id, cid);
    await until(async () => (await a.api.questions(id, { open: true })).items[0], 'it is open again');
    a.stop();
    b.stop();
  });

  it('G15: plans, questions and responses that come with their header are kept whatever the policy', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await b.api.policy(id, { bodies: 'on-demand', artifacts: 'on-demand' });
    const result = await a.api.contribute(id, work('A result'));
    const question = await a.api.contribute(id, ask('Which seed?'));
    const kept = [
      question,
      await a.api.contribute(id, plan('Sweep')),
      await a.api.contribute(id, answer('Seven', question.cid)),
    ];
    for (const { cid } of [result, ...kept]) await has(b, id, cid);
    for (const { cid } of kept) {
      expect((await b.api.contribution(id, cid)).body).toBe(true);
      expect((await b.store.read('bodies', [cid.slice(7)]))[0]).not.toBeNull();
    }
    expect((await b.api.contribution(id, result.cid)).body).toBe(false);
    expect((await b.api.tasks(id)).items).toHaveLength(2);
    a.stop();
    b.stop();
  });
});
