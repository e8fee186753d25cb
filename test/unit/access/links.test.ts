// What two linked peers prove to each other: shared groves by tags, an invite by its key.
import { describe, expect, it } from 'vitest';
import { InviteBook, isProven, joinFrame, sealInviteKey } from '../../../worker/core/access/joins.ts';
import { Members } from '../../../worker/core/access/membership.ts';
import { ownTags, sharedGroves } from '../../../worker/core/access/tags.ts';
import { DEFAULT_POLICY } from '../../../worker/core/access/policy.ts';
import { encodeRecord, decodeRecord, type GroveRecord } from '../../../worker/core/access/record.ts';
import { INVITE_KEY, inviteKeys } from '../../../worker/core/model/invite.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { aGroveId, alice, anEntryId, bob, digest, valueOf } from '../model/fixtures.ts';
import { nobleSignatures } from '../../../worker/core/model/keys.ts';

const random = createSeededRandom(3);
const transcript = digest('transcript');
const keys = (...names: string[]) =>
  names.map((name) => ({ grove: aGroveId(name), key: digest(`key ${name}`) }));

describe('tags', () => {
  it('A2: name the groves that both hold the secret of, and no other', () => {
    const tags = ownTags(keys('one', 'two', 'three'), transcript, alice.id, random);
    expect(sharedGroves(keys('two', 'four', 'one'), transcript, alice.id, tags)).toEqual([
      aGroveId('two'),
      aGroveId('one'),
    ]);
  });

  it('A2: hold for their sender and their link only', () => {
    const tags = ownTags(keys('one'), transcript, alice.id, random);
    expect(sharedGroves(keys('one'), transcript, bob.id, tags)).toEqual([]);
    expect(sharedGroves(keys('one'), digest('another link'), alice.id, tags)).toEqual([]);
  });

  it('A2: come in multiples of 16, sorted, whatever their number', () => {
    for (const [groves, expected] of [
      [0, 16],
      [1, 16],
      [16, 16],
      [17, 32],
      [1_100, 1_024],
    ] as const) {
      const names = Array.from({ length: groves }, (_, i) => `g${i}`);
      const tags = ownTags(keys(...names), transcript, alice.id, random);
      expect(tags).toHaveLength(expected);
      expect(tags.map((tag) => tag.join())).toEqual(
        [...tags].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map((tag) => tag.join()),
      );
    }
  });
});

describe('a join request', () => {
  const grove = aGroveId('grove');
  const secret = digest('secret');
  const inviteKey = digest('invite').slice(0, INVITE_KEY);
  const link = {
    grove,
    key: inviteKey,
    endpoints: [],
    inviter: alice.id,
    name: 'G',
    role: 'member',
    expiresAt: null,
  } as const;
  const frame = joinFrame(nobleSignatures, { ...link, endpoints: [] }, transcript, bob, 'Bob');
  const joining = inviteKeys(inviteKey);

  const members = new Members();
  const at = { author: alice.id, seq: 1, lamport: 1, at: 0 };
  const box = new Uint8Array(32);
  members.apply(
    { ...at, id: anEntryId('contract') },
    { kind: 'contract', nonce: box.slice(16), name: 'G', description: '', metrics: [], ownerName: 'A', box },
  );
  const sealed = sealInviteKey(inviteKey, secret, random);
  members.apply(
    { ...at, id: anEntryId('invite'), seq: 2, lamport: 2 },
    { kind: 'invite', sealed, role: 'member', expiresAt: null, uses: 1 },
  );

  it('A5: proves the invite on this link, for this grove and this key', () => {
    expect(isProven(nobleSignatures, frame, joining, grove, transcript, bob.id)).toBe(true);
    expect(isProven(nobleSignatures, frame, joining, grove, transcript, alice.id)).toBe(false);
    expect(isProven(nobleSignatures, frame, joining, grove, digest('another link'), bob.id)).toBe(false);
    expect(isProven(nobleSignatures, frame, joining, aGroveId('other'), transcript, bob.id)).toBe(false);
    expect(
      isProven(
        nobleSignatures,
        frame,
        inviteKeys(digest('guess').slice(0, INVITE_KEY)),
        grove,
        transcript,
        bob.id,
      ),
    ).toBe(false);
    expect(
      isProven(nobleSignatures, { ...frame, box: digest('box') }, joining, grove, transcript, bob.id),
    ).toBe(false);
  });

  it('A4: finds its invite where the entry can be opened, and nowhere else', () => {
    expect(new InviteBook().find(frame, transcript, members, [digest('old'), secret])?.id).toBe(
      anEntryId('invite'),
    );
    expect(new InviteBook().find(frame, transcript, members, [digest('old')])).toBeNull();
    expect(new InviteBook().find(frame, digest('another link'), members, [secret])).toBeNull();
    expect(sealed.join()).not.toContain(inviteKey.join());
  });

  it('A8: a grove that is being joined is kept with its invite, and a refusal with its reason', () => {
    const record: GroveRecord = {
      id: grove,
      state: 'refused',
      name: 'G',
      reason: 'This invite has expired.',
      secrets: [],
      invite: { ...link, endpoints: [] },
      policy: DEFAULT_POLICY,
      fresh: true,
      pins: new Set(),
      acknowledged: 3,
      resumeFrom: 0,
    };
    const bytes = encodeRecord(record);
    expect(valueOf(decodeRecord(grove, bytes))).toEqual(record);
    for (let cut = 0; cut < bytes.length; cut += 1)
      expect(decodeRecord(grove, bytes.subarray(0, cut)).ok).toBe(false);
    const lost = encodeRecord({ ...record, state: 'active' });
    expect(decodeRecord(grove, lost)).toMatchObject({ ok: false, code: 'corrupt' });
  });
});
