import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ThicketError } from '../../../worker/core/model/errors.ts';
import type { Hash } from '../../../worker/core/model/ids.ts';
import { StoreError } from '../../../worker/core/ports.ts';
import type { Settings } from '../../../worker/rpc/api.ts';
import { mediaTypeOf } from '../../../worker/rpc/media-types.ts';
import { createNodeCalls } from '../../../worker/rpc/node-calls.ts';
import { checkCall } from '../../../worker/rpc/schemas.ts';
import { createServer } from '../../../worker/rpc/server.ts';

const grove = 'ab'.repeat(32);
const cid = `blake3:${'cd'.repeat(32)}`;
const hash = 'ef'.repeat(32) as Hash;

type NodeCall = [method: string, params: unknown, requestId: string | null];

function setUp(answer: (...call: NodeCall) => unknown = () => null) {
  const asked: NodeCall[] = [];
  const ingested: Uint8Array[] = [];
  const settings: Settings[] = [];
  const server = createServer({
    async node(method, params, requestId) {
      asked.push([method, params, requestId]);
      await Promise.resolve();
      return answer(method, params, requestId);
    },
    async ingest(sources) {
      const contents = await Promise.all(sources.map((source) => new Blob([source as BlobPart]).bytes()));
      ingested.push(...contents);
      return contents.map((bytes) => ({ hash, size: bytes.length, root: hash, blocks: 1 }));
    },
    read: (read, mediaType, { start = 0, end } = {}) =>
      Promise.resolve(new Blob([read.slice(start, end)], { type: mediaType })),
    hash: () => Promise.resolve(hash),
    loadSample: () => Promise.resolve(JSON.parse(readFileSync('public/sample.json', 'utf8'))),
    process: () => ({ build: 'test', peer: 'main', carrier: { tab: 'a', tabs: 1 } }),
    paths: () => Promise.resolve([]),
    testEndpoint: (url) => Promise.resolve({ ok: false, ms: 3, url, reason: 'a test' }),
    onSettings: (changed) => settings.push(changed),
    uuid: () => 'uuid',
    restart: () => undefined,
  });
  return { server, asked, ingested, settings };
}

describe('the server', () => {
  it('hands plain calls to the node as they are', async () => {
    const { server, asked } = setUp(() => []);
    expect(await server.handle('members', [grove], null)).toEqual([]);
    expect(asked).toEqual([['members', [grove], null]]);
  });

  it('R4: an address is tested here, without a word to the node', async () => {
    const { server, asked } = setUp();
    const tested = await server.handle('testEndpoint', ['wss://one.example/signal'], null);
    expect(tested).toEqual({ ok: false, ms: 3, url: 'wss://one.example/signal', reason: 'a test' });
    expect(asked).toEqual([]);
    await expect(server.handle('testEndpoint', ['javascript:1'], null)).rejects.toThrow('argument 1');
  });

  it('C16: takes artifacts in before it asks the node, and names them with media types', async () => {
    const { server, asked, ingested } = setUp(() => ({ cid }));
    const artifacts = {
      'notes.md': 'é',
      'table.csv': new Uint8Array([1, 2]),
      'figure.png': new Blob(['x'], { type: 'image/png' }),
      'README.md': new Blob(['y']),
    };
    const result = await server.handle(
      'contribute',
      [grove, { kind: 'work', summary: 's', artifacts }],
      'r1',
    );
    expect(result).toEqual({ cid });
    expect(ingested[0]).toEqual(new Uint8Array([0xc3, 0xa9]));
    const named = (size: number, mediaType: string) => ({ hash, size, root: hash, mediaType });
    expect(asked.shift()).toEqual([
      'mayContribute',
      [grove, { kind: 'work', summary: 's' }, Object.keys(artifacts)],
      null,
    ]);
    // C16: nothing is collected from before the first byte until the entry that names it is written.
    expect(asked.map(([method]) => method)).toEqual(['lease', 'contribute', 'endLease']);
    expect(asked[1]).toEqual([
      'contribute',
      [
        grove,
        {
          kind: 'work',
          summary: 's',
          artifacts: {
            'notes.md': named(2, 'text/plain'),
            'table.csv': named(2, 'text/csv'),
            'figure.png': named(1, 'image/png'),
            'README.md': named(1, 'text/markdown'),
          },
        },
      ],
      'r1',
    ]);
    expect(asked[2]?.[1]).toEqual([{ cid }, [hash, hash, hash, hash], null]);
  });

  it('reads an artifact that is held, and fetches it first where it is not', async () => {
    let held = false;
    const { server, asked } = setUp((method) => {
      if (method === 'fetch') held = true;
      return method === 'artifactInfo' ? { hash, size: 64, mediaType: 'text/csv', held } : null;
    });
    const blob = await server.handle('artifact', [grove, cid, 'table.csv'], null);
    expect(blob).toBeInstanceOf(Blob);
    expect((blob as Blob).type).toBe('text/csv');
    expect(asked.map(([method]) => method)).toEqual(['artifactInfo', 'fetch', 'artifactInfo']);
    await server.handle('artifact', [grove, cid, 'table.csv'], null);
    expect(asked.at(-1)?.[0]).toBe('artifactInfo');
  });

  it('S2: opens the sample as a grove and its contributions, each with a request id of its own', async () => {
    let made = 0;
    const made64 = (): string => (++made).toString(16).padStart(64, '0');
    const { server, asked: all } = setUp((method) =>
      method === 'createGrove' ? { id: grove } : { cid: `blake3:${made64()}` },
    );
    expect(await server.handle('openSample', [], 'r')).toEqual({ id: grove });
    const asked = all.filter(([method]) => !['mayContribute', 'lease', 'endLease'].includes(method));
    expect(asked[0]?.[0]).toBe('createGrove');
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.map(([, , requestId]) => requestId)).toEqual(asked.map((_, i) => `r/${i}`));
    const targets = asked.flatMap(([, params]) => {
      const [, input] = params as [string, { relations?: { targetCid: string }[] }?];
      return input?.relations?.map((relation) => relation.targetCid) ?? [];
    });
    expect(targets.length).toBeGreaterThan(20);
    for (const target of targets) expect(target).toMatch(/^blake3:0/);
  });

  it('adds to the stats what only the process knows', async () => {
    const { server } = setUp(() => ({ counters: { a: 1 }, build: '' }));
    expect(await server.handle('stats', [], null)).toEqual({
      counters: { a: 1 },
      build: 'test',
      peer: 'main',
      carrier: { tab: 'a', tabs: 1 },
    });
  });

  it('K7: changed ICE servers are told to the links', async () => {
    const changed = { endpoints: [], iceServers: [{ urls: ['stun:example.org'] }] };
    const { server, settings } = setUp(() => changed);
    await server.handle('settings', [{ iceServers: changed.iceServers }], 'r');
    expect(settings).toEqual([changed]);
  });

  it('D5: a store that fails is answered with its code', async () => {
    const { server } = setUp(() => {
      throw new StoreError('quota', 'the disk is full');
    });
    await expect(server.handle('setName', ['Ada'], 'r')).rejects.toMatchObject({
      code: 'quota',
      message: 'store: the disk is full',
    });
  });
});

describe('the edge of the worker', () => {
  const refusal = (method: string, params: unknown): ThicketError => {
    try {
      checkCall(method, params);
    } catch (error) {
      if (error instanceof ThicketError) return error;
      throw error;
    }
    throw new Error(`${method} was let through`);
  };

  it('knows its methods only, and no name that every object has', () => {
    for (const method of [
      '',
      'boot',
      'artifactInfo',
      'constructor',
      '__proto__',
      'toString',
      'groves.length',
    ]) {
      expect(refusal(method, []).message).toBe(`no such method: ${method}`);
    }
  });

  it('names the method, the argument, the limit and what was given', () => {
    expect(refusal('setName', ['x'.repeat(101)])).toMatchObject({
      code: 'too-large',
      message: 'setName: argument 1: Invalid length: Expected <=80 but received 101',
    });
    expect(refusal('contribute', [grove, { kind: 'opus', summary: 's' }]).message).toMatch(
      /^contribute: argument 2\.kind: .*"opus"/,
    );
    expect(refusal('invite', [grove, { uses: 0 }]).message).toBe(
      'invite: argument 2.uses: Invalid value: Expected >=1 but received 0',
    );
  });

  it('refuses too many arguments, unknown options, and what is no data', () => {
    expect(refusal('groves', [1]).code).toBe('invalid');
    expect(refusal('groves', null).code).toBe('invalid');
    expect(refusal('invite', [grove, { rôle: 'owner' }]).code).toBe('invalid');
    const input = { kind: 'work', summary: 's' };
    expect(refusal('contribute', [grove, { ...input, context: { at: new Date(0) } }]).code).toBe('invalid');
    expect(refusal('contribute', [grove, { ...input, context: { n: Number.NaN } }]).code).toBe('invalid');
    expect(refusal('contribute', [grove, { ...input, artifacts: { 'a.txt': 7 } }]).code).toBe('invalid');
    // A list is no table of the names 0, 1, …, and a Map no empty one.
    const score = { metric: 'val', value: 1, direction: 'minimize' };
    expect(refusal('contribute', [grove, { ...input, scores: [score] }]).message).toBe(
      'contribute: argument 2.scores: an object that has a value for each name, given a list',
    );
    expect(refusal('contribute', [grove, { ...input, artifacts: ['text'] }]).message).toContain(
      'given a list',
    );
    expect(refusal('contribute', [grove, { ...input, scores: new Map([['val', score]]) }]).message).toContain(
      'given a Map',
    );
    expect(refusal('contribute', [grove, { ...input, scores: null }]).message).toContain('given null');
    const reserved = JSON.parse('{"__proto__": {"value": 1, "direction": "minimize"}}') as object;
    expect(refusal('contribute', [grove, { ...input, scores: reserved }]).code).toBe('invalid');
  });

  it('refuses data that is nested without end', () => {
    const context: Record<string, unknown> = {};
    context['self'] = context;
    expect(refusal('contribute', [grove, { kind: 'work', summary: 's', context }]).code).toBe('invalid');
  });

  it('takes undefined options for options that were not given', () => {
    expect(checkCall('invite', [grove, undefined]).params).toEqual([grove]);
    expect(checkCall('invite', [grove, { uses: undefined, role: 'reader' }]).params).toEqual([
      grove,
      { role: 'reader' },
    ]);
  });

  it('keeps the fields of a manifest that it does not know', () => {
    const manifest = { summary: 's', extra: { deep: [1, null, 'x'] } };
    expect(checkCall('publish', [grove, manifest]).params).toEqual([grove, manifest]);
    const agent = { agentId: 'a', model: { name: 'm' } };
    const input = { kind: 'work', summary: 's', agent };
    expect(checkCall('contribute', [grove, input]).params).toEqual([grove, input]);
  });
});

describe('media types', () => {
  it('M10: come from the browser where it knows one, else from the name, and are printable and short', () => {
    expect(mediaTypeOf('a.bin', 'image/png')).toBe('image/png');
    expect(mediaTypeOf('dir/A.JSON', '')).toBe('application/json');
    expect(mediaTypeOf('x.constructor', '')).toBe('application/octet-stream');
    expect(mediaTypeOf('noextension', 'x'.repeat(65))).toBe('application/octet-stream');
    expect(mediaTypeOf('a.txt', 'text/plain\n')).toBe('text/plain');
  });
});

describe('calls of the node', () => {
  it('are answered by number, once', async () => {
    const inputs: number[] = [];
    const calls = createNodeCalls((input) => {
      if (input.type === 'call') inputs.push(input.id);
    });
    const first = calls.call('groves', [], null);
    const second = calls.call('members', [grove], null);
    calls.refuse(inputs[1] ?? 0, 'not-found', 'no such grove');
    calls.reply(inputs[0] ?? 0, []);
    calls.reply(inputs[0] ?? 0, 'again');
    expect(await first).toEqual([]);
    await expect(second).rejects.toMatchObject({ code: 'not-found' });
  });
});
