// Every decoder of bytes from peers, links, files, pages and the disk, each with samples that it accepts. What is not
// listed here is not fuzzed: whoever adds a decoder adds it.
import fc from 'fast-check';
import { decodeRecord, encodeRecord } from '../../../worker/core/access/record.ts';
import type { GroveRecord } from '../../../worker/core/access/record.ts';
import { DEFAULT_POLICY } from '../../../worker/core/access/policy.ts';
import { decodeBlobRecord, encodeBlobRecord } from '../../../worker/core/cas/record.ts';
import { decodeHalt, encodeHalt } from '../../../worker/core/cas/halts.ts';
import { decodeUse, encodeUse } from '../../../worker/core/cas/uses.ts';
import { decodeDigestRow, encodeDigestRow, METRIC } from '../../../worker/core/gossip/digest-row.ts';
import { decodePresenceRow, encodePresenceRow } from '../../../worker/core/gossip/presence-row.ts';
import { decodeTrail } from '../../../worker/core/gossip/trail-rows.ts';
import { openMessage } from '../../../worker/core/link/envelope.ts';
import { readText } from '../../../worker/core/link/hand-text.ts';
import { parseFingerprint, parseSignalData, sdpFingerprint } from '../../../worker/core/link/sdp.ts';
import { decodeList, encodeList } from '../../../worker/core/model/blocklist.ts';
import { decodeBody, encodeBody } from '../../../worker/core/model/body.ts';
import type { Body } from '../../../worker/core/model/body.ts';
import { toBase64Url, utf8 } from '../../../worker/core/model/bytes.ts';
import { decodeEntry, encodeEntry } from '../../../worker/core/model/entry.ts';
import { ThicketError } from '../../../worker/core/model/errors.ts';
import { cidOf, hashOfCid, idBytes, toHash } from '../../../worker/core/model/ids.ts';
import { decodeInvite, encodeInvite } from '../../../worker/core/model/invite.ts';
import { parseCanonicalJson } from '../../../worker/core/model/json.ts';
import { hash32, seal } from '../../../worker/core/model/keys.ts';
import { canonicalManifest, parseManifest } from '../../../worker/core/model/manifest.ts';
import { decodeTable, encodeTable } from '../../../worker/core/model/table.ts';
import type { Signatures } from '../../../worker/core/ports.ts';
import { decodeRemembered, encodeRemembered } from '../../../worker/core/remembered.ts';
import { decodeCuts } from '../../../worker/core/sync/cuts.ts';
import { decodeFork, encodeFork } from '../../../worker/core/sync/proof.ts';
import { decodeRow, encodeRow } from '../../../worker/core/sync/row.ts';
import { decodeSegment, encodeSegment } from '../../../worker/core/sync/segment.ts';
import {
  decodeCarHeader,
  decodeNote,
  encodeCarHeader,
  encodeCid,
  encodeNote,
  readCid,
  readVarint,
  sectionHead,
} from '../../../worker/core/wire/car.ts';
import { asArray, asBytes, asMap, decode, encode } from '../../../worker/core/wire/cbor.ts';
import { decodeFrame, encodeFrame } from '../../../worker/core/wire/frame.ts';
import { readCar } from '../../../worker/portable/car.ts';
import { check } from '../../../worker/portable/check.ts';
import { lineOf, readLines } from '../../../worker/portable/ndjson.ts';
import { parseFromPage } from '../../../worker/rpc/from-page.ts';
import { checkCall } from '../../../worker/rpc/schemas.ts';
import { createCluster } from '../../../worker/signal/elsewhere.ts';
import {
  encodeFromEndpoint,
  encodeToEndpoint,
  parseFromEndpoint,
  parseToEndpoint,
} from '../../../worker/signal/protocol.ts';
import { parseMarkdown, safeHref } from '../../../src/markdown/parse.ts';
import {
  aGroveId,
  aHash,
  alice,
  anEntryId,
  bob,
  digest,
  fieldsOf,
  manifestOf,
  valueOf,
} from '../model/fixtures.ts';
import { frameOf, types } from './frames.ts';

export interface Decoder {
  name: string;
  samples: readonly Uint8Array[];
  /** Whether the sample was accepted. Throws where the decoder does. */
  run(bytes: Uint8Array): boolean | Promise<boolean>;
  /** Slower than most by so much: it is tried so much less in `npm test`. */
  cost?: number;
}

const SEED = 20_261_121;
const grove = aGroveId('grove');
const cid = cidOf(aHash('target'));
const target = hashOfCid(cid);
const entry = encodeEntry(fieldsOf());
const founded = encodeEntry(
  fieldsOf({ seq: 1, prev: null, parents: [], lamport: 1, blobs: { table: aHash('table'), total: 9 } }),
);
const table = encodeTable([
  { hash: aHash('a'), size: 5, mediaType: 'text/plain', root: aHash('root') },
  { hash: aHash('b'), size: 7, mediaType: '', root: aHash('root') },
]);
const file = utf8('a file');
const manifest = manifestOf({
  artifacts: { 'train.py': cidOf(toHash(hash32(file))) },
  relations: [{ targetCid: cid, relationType: 'derives_from', metadata: { why: [1, 'x'] } }],
  scores: { loss: { value: 3.28, direction: 'minimize', unit: 'nats' } },
  tags: ['a', 'b'],
  context: { nested: { deep: [1, 2, { three: null }] } },
});
const canonical = valueOf(canonicalManifest(manifest));
const invite = encodeInvite({
  grove,
  key: new Uint8Array(16).fill(3),
  endpoints: ['wss://thicket.example/signal'],
  inviter: alice.id,
  name: 'Speedrun',
  role: 'member',
  expiresAt: null,
});

const bodies: readonly Body[] = [
  {
    kind: 'contract',
    nonce: new Uint8Array(16),
    name: 'Grove',
    description: 'What it is for',
    metrics: [{ name: 'loss', direction: 'minimize', unit: 'nats' }],
    ownerName: 'Alice',
    box: digest('box'),
  },
  { kind: 'invite', sealed: new Uint8Array(56), role: 'member', expiresAt: null, uses: 3 },
  {
    kind: 'admit',
    invite: anEntryId('invite'),
    key: bob.id,
    role: 'member',
    name: 'Bob',
    box: digest('box'),
    proof: new Uint8Array(64),
  },
  { kind: 'retract', target },
  { kind: 'leave' },
  { kind: 'revoke-invite', invite: anEntryId('invite'), keeps: [anEntryId('kept')] },
  {
    kind: 'role',
    target: bob.id,
    role: 'moderator',
    seq: 4,
    last: anEntryId('last'),
    proof: new Uint8Array(64),
    replaces: [],
  },
  { kind: 'ban', target: bob.id, reason: 'spam', seq: 0, last: null, proof: null },
  { kind: 'unban', target: bob.id, lifts: [anEntryId('ban')], reason: '' },
  { kind: 'handover', to: bob.id, seq: 7 },
];
/** Of kinds whose bodies are maps of plain fields. */
const acts: Readonly<Record<string, Record<string, unknown>>> = {
  claim: { target: idBytes(target), act: 'claim', of: null, lease: 300_000, note: 'on it' },
  outcome: { target: idBytes(target), outcome: 'accepted', reason: 'three seeds agree' },
  vote: { target: idBytes(target), vote: 'up' },
  profile: { name: 'Alice', description: 'text', capabilities: ['gpu'], avatar: idBytes(aHash('avatar')) },
  setting: { key: 'contract/rules', value: '{"a":[1,2]}', replaces: [idBytes(anEntryId('old'))] },
  rotate: {
    epoch: 1,
    commit: digest('commit'),
    key: digest('key'),
    boxes: [[idBytes(bob.id), new Uint8Array(72)]],
  },
};
const bodySamples: readonly { kind: string; bytes: Uint8Array }[] = [
  ...bodies.map((body) => ({ kind: body.kind, bytes: encodeBody(body) })),
  ...Object.entries(acts).map(([kind, fields]) => ({ kind, bytes: encode(fields) })),
];

const record: GroveRecord = {
  id: grove,
  state: 'active',
  name: 'Grove',
  reason: null,
  secrets: [{ epoch: 0, secret: digest('secret') }],
  invite: valueOf(decodeInvite(invite)),
  policy: { ...DEFAULT_POLICY, thresholds: { loss: 3 } },
  fresh: false,
  pins: new Set([cid]),
  acknowledged: 4,
  resumeFrom: 0,
};

/** Every signature holds: what is behind the check is tried too. */
const believing: Signatures = { verify: () => true, sign: () => new Uint8Array(64) };
const sealer = { name: 'a1'.repeat(32), key: digest('room key') };
const sealed = (plain: Uint8Array): Uint8Array =>
  seal(sealer.key, new Uint8Array(24), plain, utf8(sealer.name), { pad: false });
const FORMAT = 1;
const session = new Uint8Array(16).fill(5);
const SDP = `v=0\r\na=fingerprint:sha-256 ${new Array(32).fill('AB').join(':')}\r\n`;
const inEnvelope = (...fields: unknown[]): Uint8Array =>
  encode([encode([FORMAT, ...fields]), new Uint8Array(64)]);
const me = idBytes(alice.id);
const them = bob.publicKey;
const envelopes = [
  inEnvelope('announce', them, session, 2, [session], 5),
  inEnvelope('offer', them, me, session, session, SDP),
  inEnvelope('answer', them, me, session, session, digest('offer'), SDP),
  inEnvelope('candidate', them, me, session, 'candidate:1 1 udp 1 1.2.3.4 9 typ host', '0', 0),
  inEnvelope('call', them, me, session, true),
  inEnvelope('restart', them, me, session, 1, false, SDP, [['candidate:1', '0', 0]]),
];
const handTexts = [
  inEnvelope(them, SDP, [['candidate:1', '0', 0]], session, 1_800_000_000_000),
  inEnvelope(them, SDP, [], session, me, digest('offer')),
];

const room = 'a1'.repeat(32);
const member = 'b2'.repeat(16);
const payload = utf8('sealed');
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

const ofBytes: readonly Decoder[] = [
  {
    name: 'CBOR',
    samples: [
      encode({ a: [1, -1, 0.5, 'text', new Uint8Array(3), null, true], b: { c: [[[]]] } }),
      entry.header,
    ],
    run: (bytes) => decode(bytes, { maxBytes: 262_144 }).ok,
  },
  {
    name: 'frames',
    samples: types.flatMap((type) => fc.sample(frameOf(type), { numRuns: 3, seed: SEED })).map(encodeFrame),
    run: (bytes) => decodeFrame(bytes).ok,
  },
  {
    name: 'entries',
    samples: [entry.header, founded.header, encodeEntry(fieldsOf({ ext: new Map([['a', 1]]) })).header],
    run: (bytes) => decodeEntry(bytes, (each) => hash32(each)).ok,
    cost: 2,
  },
  {
    name: 'bodies of every kind',
    samples: bodySamples.map(({ kind, bytes }) => encode([kind, bytes])),
    run(bytes) {
      const pair = decode(bytes, { maxBytes: 262_144 });
      const [kind, body] = (pair.ok ? asArray(pair.value, 8) : null) ?? [];
      return decodeBody(typeof kind === 'string' ? kind : 'leave', asBytes(body) ?? bytes).ok;
    },
  },
  { name: 'blob tables', samples: [table, encodeTable([])], run: (bytes) => decodeTable(bytes).ok },
  {
    name: 'block lists',
    samples: [
      encodeList({ level: 0, items: [{ hash: aHash('a'), size: 5 }] }),
      encodeList({
        level: 1,
        items: [
          { hash: aHash('a'), size: 5 },
          { hash: aHash('b'), size: 9 },
        ],
      }),
    ],
    run: (bytes) => decodeList(bytes).ok,
  },
  {
    name: 'manifests',
    samples: [canonical.bytes, valueOf(canonicalManifest(manifestOf())).bytes],
    run: (bytes) => parseManifest(bytes).ok,
    cost: 2,
  },
  {
    name: 'values of settings',
    samples: [utf8('{"a":[1,2,{"b":null}]}'), utf8('"text"'), utf8('[1e+21,-1,0.1]')],
    run: (bytes) => parseCanonicalJson(text(bytes)).ok,
  },
  {
    name: 'invite links',
    samples: [utf8(invite), utf8(`https://thicket.example/${invite}`)],
    run: (bytes) => decodeInvite(text(bytes)).ok,
  },
  {
    name: 'what invite links hold',
    samples: [encode([1, idBytes(grove), new Uint8Array(16), ['wss://a.example'], me, 'Grove', 'reader', 5])],
    run: (bytes) => decodeInvite(toBase64Url(bytes)).ok,
  },
  {
    name: 'rows of digests',
    samples: [
      encodeDigestRow({
        holder: alice.id,
        seq: 3,
        life: 60_000,
        cid,
        kind: 'work',
        mode: 'evaluation',
        summary: 'A faster run',
        tags: ['a'],
        places: [{ ranking: `${METRIC}loss`, value: 3.2, direction: 'minimize' }],
      }) ?? new Uint8Array(),
      encode([
        me,
        3,
        9,
        idBytes(target),
        'work',
        'evaluation',
        's',
        [],
        [[`${METRIC}loss`, 3.2, 'minimize']],
      ]),
    ],
    run: (bytes) => decodeDigestRow(bytes) !== null,
  },
  {
    name: 'rows of presence',
    samples: [
      encodePresenceRow({ peer: alice.id, seq: 2, status: 'working', cid, note: 'on it', life: 60_000 }),
    ],
    run: (bytes) => decodePresenceRow(bytes) !== null,
  },
  {
    name: 'sealed signaling',
    samples: envelopes,
    run: (bytes) => openMessage(believing, alice.id, sealer, sealed(bytes), 65_536).ok,
    cost: 10,
  },
  {
    name: 'signaling that nobody sealed',
    samples: envelopes.map(sealed),
    run: (bytes) => openMessage(believing, alice.id, sealer, bytes, 65_536).ok,
    cost: 10,
  },
  {
    name: 'texts carried by hand',
    samples: handTexts,
    run(bytes) {
      const code = toBase64Url(sealed(bytes));
      const offer = readText(believing, [sealer], 'offer', `thicket-offer:${code}`);
      const answer = readText(believing, [sealer], 'answer', `thicket-answer:${code}`);
      return offer.ok || answer.ok;
    },
    cost: 20,
  },
  {
    name: 'signal data and SDP',
    samples: [
      json({ type: 'offer', sdp: SDP }),
      json({ candidate: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 } }),
      utf8(SDP),
    ],
    run(bytes) {
      const given = text(bytes);
      const found = sdpFingerprint(given);
      parseFingerprint(given.slice(given.indexOf('sha')));
      return parseSignalData(given, 16_384) !== null || found !== null;
    },
  },
  {
    name: 'messages to the endpoint',
    samples: [
      encodeToEndpoint({ type: 'join', room }),
      encodeToEndpoint({ type: 'send', room, to: member, payload }),
      encodeToEndpoint({ type: 'ping' }),
    ],
    run: (bytes) => parseToEndpoint(bytes) !== null,
  },
  {
    name: 'messages of the endpoint',
    samples: [
      encodeFromEndpoint({ type: 'joined', room, self: member, members: ['c3'.repeat(16)] }),
      encodeFromEndpoint({ type: 'message', room, from: member, payload }),
      encodeFromEndpoint({ type: 'error', code: 'too-fast', room, message: 'slow down' }),
    ],
    run: (bytes) => parseFromEndpoint(bytes) !== null,
  },
  { name: 'messages between endpoints', ...betweenEndpoints() },
  {
    name: 'varints, CIDs and notes of a CAR file',
    samples: [
      encodeCid({ codec: 'raw', hash: aHash('raw') }),
      encodeNote({ hash: aHash('file'), size: 5, mediaType: 'text/plain' }),
    ],
    run: (bytes) => {
      readVarint(bytes);
      return readCid(bytes).ok || decodeNote(bytes).ok;
    },
  },
  {
    name: 'headers of a CAR file',
    // Behind their length.
    samples: [encodeCarHeader([{ codec: 'json', hash: target }]).subarray(1)],
    run: (bytes) => decodeCarHeader(bytes).ok,
  },
  {
    name: 'rows of the log',
    samples: [
      encodeRow({
        entry,
        signature: new Uint8Array(64),
        table,
        index: 3,
        receivedAt: 5,
        receivedFrom: bob.id,
      }),
      encodeRow({
        entry: founded,
        signature: null,
        table: null,
        index: 0,
        receivedAt: 5,
        receivedFrom: null,
      }),
    ],
    run: (bytes) => decodeRow(bytes).ok,
    cost: 2,
  },
  {
    name: 'proofs of forks',
    samples: [
      encodeFork(2, [
        [{ header: entry.header, signature: new Uint8Array(64) }],
        [{ header: founded.header, signature: null }],
      ]),
    ],
    run: (bytes) => decodeFork(bytes) !== null,
  },
  {
    name: 'records of groves',
    samples: [encodeRecord(record)],
    run: (bytes) => decodeRecord(grove, bytes).ok,
  },
  {
    name: 'records of blobs and their use',
    samples: [
      encodeBlobRecord({ size: 5, root: aHash('root'), complete: true }),
      encodeUse({ at: 5, left: true, away: false }),
    ],
    run: (bytes) => decodeBlobRecord(bytes).ok || decodeUse(bytes) !== null,
  },
  {
    name: 'segments, cut-offs and halts',
    samples: [
      encodeSegment([
        { row: entry.header, body: null },
        { row: founded.header, body: canonical.bytes },
      ]),
      encode([[them, 4, idBytes(anEntryId('last')), new Uint8Array(64)]]),
      encodeHalt({ how: 'paused', grove, at: 5, received: 9 }),
    ],
    run: (bytes) => decodeSegment(bytes).ok || decodeCuts(bytes).size > 0 || decodeHalt(bytes) !== null,
  },
  {
    name: 'members remembered',
    samples: [encodeRemembered([{ peer: bob.id, linkedMs: 5, lastMet: 9 }])],
    run: (bytes) => decodeRemembered(bytes).length > 0,
  },
  {
    name: 'the record of messages',
    samples: [
      encode([
        1,
        new Uint8Array(64),
        [
          ['entries', new Uint8Array(32)],
          ['digest', new Uint8Array(16)],
        ],
      ]),
    ],
    run: (bytes) => decodeTrail(bytes).size > 0,
  },
  {
    name: 'messages of a page',
    samples: [
      encode({
        type: 'hello',
        version: 2,
        tab: 't',
        lock: 'l',
        visible: true,
        phone: false,
        since: 1,
        origin: 'o',
      }),
      encode({ type: 'call', id: 1, method: 'groves', params: [], requestId: null }),
      encode({ type: 'link-open', link: 'L1', local: 'a', remote: 'b' }),
    ],
    run(bytes) {
      const value = decode(bytes, { maxBytes: 262_144 });
      return value.ok && parseFromPage(plain(value.value)) !== null;
    },
    cost: 2,
  },
  {
    name: 'calls of a page',
    samples: [
      encode([
        'contribute',
        [
          grove,
          { kind: 'work', summary: 's', tags: ['a'], scores: { loss: { value: 1, direction: 'minimize' } } },
        ],
      ]),
      encode(['publish', [grove, manifest]]),
      encode(['contributions', [grove, { kind: 'work', text: 'x', limit: 5 }]]),
      encode(['policy', [grove, { thresholds: { loss: 3 } }]]),
      encode(['settings', [{ endpoints: ['wss://a.example'], iceServers: [{ urls: ['stun:a.example'] }] }]]),
    ],
    run(bytes) {
      const value = decode(bytes, { maxBytes: 262_144 });
      const [method, params] = (value.ok ? asArray(value.value, 8) : null) ?? [];
      try {
        checkCall(typeof method === 'string' ? method : 'groves', plain(params));
        return true;
      } catch (error) {
        // It says no by throwing, as do all calls.
        if (error instanceof ThicketError) return false;
        throw error;
      }
    },
    cost: 4,
  },
  {
    name: 'markdown and its links',
    samples: [
      utf8(
        '# Title\n\n- a *list* of `things`\n\n```js\nx\n```\n\n> [link](https://a.example "t") ![i](javascript:x)\n',
      ),
      utf8('<script>alert(1)</script>\n\n| a | b |\n|---|---|\n| [x](data:text/html,1) | **y** |\n'),
    ],
    run(bytes) {
      const given = text(bytes);
      safeHref(given);
      return parseMarkdown(given) !== null;
    },
    cost: 10,
  },
];

const line = lineOf(canonical.cid, manifest);
const car = (...sections: [codec: 'raw' | 'cbor' | 'json', bytes: Uint8Array][]): Uint8Array => {
  return joined(
    encodeCarHeader([{ codec: 'json', hash: canonical.hash }]),
    ...sections.flatMap(([codec, bytes]) => {
      const named = { codec, hash: toHash(hash32(bytes)) };
      return [sectionHead(named, bytes.length), bytes];
    }),
  );
};

const hashBytes = async (bytes: Uint8Array | Blob): Promise<ReturnType<typeof toHash>> =>
  toHash(hash32(bytes instanceof Blob ? new Uint8Array(await bytes.arrayBuffer()) : bytes));

/** What is not a ThicketError is a fault. */
async function checked(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (error instanceof ThicketError) return false;
    throw error;
  }
}

const files: readonly Decoder[] = [
  {
    name: 'CAR files',
    samples: [
      car(['json', canonical.bytes]),
      car(['raw', file], ['json', canonical.bytes]),
      car(
        ['cbor', encodeNote({ hash: toHash(hash32(file)), size: file.length, mediaType: '' })],
        ['raw', file],
        ['json', canonical.bytes],
      ),
    ],
    run: (bytes) =>
      checked(async () => check(await readCar(new Blob([new Uint8Array(bytes)]), hashBytes), false)),
    cost: 50,
  },
  {
    name: 'files of manifests as lines',
    samples: [line, joined(line, line)],
    run: (bytes) => checked(() => check(readLines(new Blob([new Uint8Array(bytes)])), false)),
    cost: 50,
  },
];

export const decoders: readonly Decoder[] = [...ofBytes, ...files];

/** Those go by a channel of their own. */
const isBeat = (bytes: Uint8Array): boolean => (bytes[1] ?? 0) < 2;

function betweenEndpoints(): Pick<Decoder, 'samples' | 'run'> {
  const cluster = createCluster('11'.repeat(8));
  cluster.tell({ to: null, message: { type: 'entered', room, member } });
  const other = createCluster('22'.repeat(8));
  other.tell({ to: null, message: { type: 'entered', room, member: 'c3'.repeat(16) } });
  other.subscribed(room);
  other.tell({ to: null, message: { type: 'message', room, from: 'c3'.repeat(16), payload } });
  other.beat(0);
  other.close();
  const samples = other.take().flatMap((effect) => (effect.type === 'publish' ? [effect.data] : []));
  let n = 0;
  return {
    samples,
    run(bytes) {
      n += 1;
      const before = cluster.counts().malformed;
      cluster.receive(isBeat(bytes) ? 'nodes' : room, bytes, n);
      cluster.take();
      return cluster.counts().malformed === before;
    },
  };
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** As a page would post it: plain objects for maps. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  const fields = asMap(value);
  return fields ? Object.fromEntries([...fields].map(([key, each]) => [key, plain(each)])) : value;
}
