import fc from 'fast-check';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/model.json' with { type: 'json' };
import { fromBase64Url, toBase64Url, utf8 } from '../../../worker/core/model/bytes.ts';
import { isHex32 } from '../../../worker/core/model/ids.ts';
import { decodeInvite, encodeInvite, groveKeys, inviteKeys } from '../../../worker/core/model/invite.ts';
import type { InviteLink } from '../../../worker/core/model/invite.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { decode, encode } from '../../../worker/core/wire/cbor.ts';
import {
  aGroveId,
  alice,
  anyGroveId,
  anyPeerId,
  check,
  damaged,
  expectFailure,
  textUpTo,
  uint,
  valueOf,
} from './fixtures.ts';

const linkOf = (change: Partial<InviteLink> = {}): InviteLink => ({
  grove: aGroveId('grove'),
  key: new Uint8Array(16).fill(7),
  endpoints: ['wss://example.org/signal'],
  inviter: alice.id,
  name: 'Speedrun',
  role: 'member',
  expiresAt: 1_767_830_400_000,
  ...change,
});
const codeOf = (fragment: string): string => fragment.slice('#/join/'.length);
const rawOf = (fragment: string): unknown[] => {
  const raw = valueOf(decode(fromBase64Url(codeOf(fragment)) ?? new Uint8Array(0), { maxBytes: 2048 }));
  return Array.isArray(raw) ? (raw as unknown[]) : [];
};

const anyLink: fc.Arbitrary<InviteLink> = fc.record({
  grove: anyGroveId,
  key: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  endpoints: fc.array(fc.constantFrom('ws://127.0.0.1:8080', 'wss://a.example/s?x=1', 'https://[::1]:9/'), {
    maxLength: 4,
  }),
  inviter: anyPeerId,
  name: textUpTo(120, 1),
  role: fc.constantFrom('member', 'reader'),
  expiresAt: fc.option(uint),
});

describe('invite links', () => {
  it('M12: a link decodes to what was encoded', () => {
    check(anyLink, (link) => expect(valueOf(decodeInvite(encodeInvite(link)))).toEqual(link));
  });

  it('M12: the frozen link reads as it was written', () => {
    const link = valueOf(decodeInvite(vectors.invite.fragment));
    expect(link).toMatchObject({ grove: vectors.contract.id, inviter: vectors.key, name: 'Speedrun' });
    expect(encodeInvite(link)).toBe(vectors.invite.fragment);
  });

  it('M12: a whole URL, the fragment or the bare code will do, with space around it', () => {
    const fragment = encodeInvite(linkOf());
    const code = codeOf(fragment);
    for (const text of [
      fragment,
      code,
      `https://thicket.example/app/${fragment}`,
      `  ${code}\n`,
      `http://localhost/?peer=b${fragment} `,
    ])
      expect(decodeInvite(text)).toEqual({ ok: true, value: linkOf() });
  });

  it('M12: a later version may append elements', () => {
    const raw = rawOf(encodeInvite(linkOf()));
    raw[0] = 2;
    raw.push('more', { of: 'it' });
    expect(valueOf(decodeInvite(toBase64Url(encode(raw))))).toEqual(linkOf());
  });

  it('M12: the longest link stays within 2,048 characters', () => {
    const endpoint = `wss://${'e'.repeat(194)}`;
    const link = linkOf({ endpoints: [endpoint, endpoint, endpoint, endpoint], name: '木'.repeat(120) });
    expect(valueOf(decodeInvite(encodeInvite(link)))).toEqual(link);
  });

  it.each<[string, Partial<InviteLink>]>([
    ['a key of 15 bytes', { key: new Uint8Array(15) }],
    ['five endpoints', { endpoints: new Array<string>(5).fill('wss://a.example') }],
    ['an endpoint of 201 characters', { endpoints: [`wss://${'e'.repeat(195)}`] }],
    ['an endpoint of another scheme', { endpoints: ['javascript:alert(1)'] }],
    ['an endpoint with a password', { endpoints: ['wss://user:secret@a.example'] }],
    ['an endpoint with a fragment', { endpoints: ['wss://a.example/#x'] }],
    ['an endpoint with a space', { endpoints: ['wss://a.example/ x'] }],
    ['an empty name', { name: '' }],
    ['a name of 121 characters', { name: 'n'.repeat(121) }],
    ['an expiry before the epoch', { expiresAt: -1 }],
  ])('M12: %s cannot be written', (_, change) => {
    expect(() => encodeInvite(linkOf(change))).toThrow('invite: damaged or incomplete link');
  });

  it.each(['', ' ', '#/join/', 'https://thicket.example/', 'hello', 'A'.repeat(2049), '#/join/!!!!', '💥'])(
    'M12: %j is no invite',
    (text) => expectFailure(decodeInvite(text), 'invalid', 'invite:'),
  );

  it('M12: a role that nobody may hand out is refused', () => {
    const raw = rawOf(encodeInvite(linkOf()));
    raw[6] = 'owner';
    expectFailure(decodeInvite(toBase64Url(encode(raw))), 'invalid', 'damaged or incomplete');
  });

  it('W1: cut, damaged and arbitrary links never throw', () => {
    const original = anyLink.map((link) => utf8(encodeInvite(link)));
    check(
      damaged(original),
      (bytes) => {
        expect(typeof decodeInvite(String.fromCharCode(...bytes)).ok).toBe('boolean');
      },
      1000,
    );
    check(fc.string({ unit: 'binary' }), (text) => expect(decodeInvite(text).ok).toBe(false), 1000);
  });
});

describe('keys that follow', () => {
  it('A1: the frozen keys of an invite and of a secret', () => {
    const invite = inviteKeys(new Uint8Array(16).fill(7));
    const grove = groveKeys(hash32(utf8('secret')));
    expect({ ...invite, seal: bytesToHex(invite.seal), join: bytesToHex(invite.join) }).toEqual({
      room: vectors.invite.room,
      seal: vectors.invite.seal,
      join: vectors.invite.join,
    });
    expect({ ...grove, seal: bytesToHex(grove.seal), tag: bytesToHex(grove.tag) }).toEqual(vectors.grove);
  });

  it('A1: room names are 64 hex digits, and no key equals another even from one secret', () => {
    const secret = hash32(utf8('secret'));
    const [invite, grove] = [inviteKeys(secret), groveKeys(secret)];
    expect(isHex32(invite.room) && isHex32(grove.room)).toBe(true);
    const all = [
      invite.room,
      grove.room,
      ...[invite.seal, invite.join, grove.seal, grove.tag].map(bytesToHex),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
