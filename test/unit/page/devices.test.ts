// Persons of a grove, one's own devices, and how good a passphrase is.
import { describe, expect, it } from 'vitest';
import type { Device, Member, Role } from '../../../worker/rpc/api.ts';
import { BackupState } from '../../../src/state/backup.svelte.ts';
import { OwnState } from '../../../src/state/own.svelte.ts';
import { guessBits, strengthOf } from '../../../src/state/passphrase.ts';
import { personOf, personsOf } from '../../../src/state/persons.ts';
import { powersOver } from '../../../src/state/powers.ts';
import { fakePeer, settle } from './fake-peer.ts';

const member = (peerId: string, person: string, role: Role = 'member', since = 0): Member => ({
  ...{ peerId, person, name: person, fingerprint: '', role, invitedBy: null, since, device: null },
  ...{ avatar: null, description: '', capabilities: [], hidden: false, quarantined: null },
});
const device = (peerId: string): Device => ({
  ...{ peerId, fingerprint: '', name: '', self: false, since: 0, groves: 1, ended: 0, code: '' },
});
const entry = (kind: string) => ({ grove: 'g', id: 'e', kind, author: 'x', local: false });

describe('persons', () => {
  it('A20: devices of one stand under it, the senior for all, with the highest role and the first day', () => {
    const persons = personsOf([
      member('phone', 'laptop', 'moderator', 5),
      member('ben', 'ben', 'reader', 3),
      member('laptop', 'laptop', 'member', 9),
    ]);
    expect(persons.map(({ face, role, since }) => [face.peerId, role, since])).toEqual([
      ['laptop', 'moderator', 5],
      ['ben', 'reader', 3],
    ]);
    expect(persons[0]?.devices.map(({ peerId }) => peerId)).toEqual(['phone', 'laptop']);
  });

  it('A22: where the senior device was ended, the first of the others stands for them', () => {
    const [person] = personsOf([member('phone', 'lost'), member('desk', 'lost')]);
    expect(person?.face.peerId).toBe('phone');
    expect(personOf([member('phone', 'lost')], 'phone')).toBe('lost');
    expect(personOf([], 'nobody')).toBe('nobody');
  });

  it('A21: nobody acts on another device of their own', () => {
    const own = { person: 'laptop', role: 'moderator' as const };
    expect(powersOver('owner', 'laptop', own)).toMatchObject({
      roles: [],
      mayBan: false,
      mayHandOver: false,
    });
    expect(powersOver('owner', 'ben', own).mayBan).toBe(true);
  });
});

describe('one’s own devices', () => {
  it('are known by all their keys, and asked for anew when an act may have changed them', async () => {
    let keys = ['a'];
    let asked = 0;
    const peer = fakePeer({
      devices: () => {
        asked += 1;
        return Promise.resolve(keys.map(device));
      },
    });
    const own = new OwnState(peer.thicket);
    expect(own.has('a')).toBe(false);
    await settle();
    expect([own.has('a'), own.has('b')]).toEqual([true, false]);
    keys = ['a', 'b'];
    peer.emit('entry', entry('contribution'));
    await settle();
    expect([asked, own.has('b')]).toEqual([1, false]);
    peer.emit('entry', entry('vouch'));
    await settle();
    expect([asked, own.has('b')]).toEqual([2, true]);
    own.close();
    expect(peer.listening()).toBe(0);
  });

  it('M18: whether a backup would hold more is asked for anew when a secret changed or a grove came', async () => {
    let stale = false;
    const peer = fakePeer({ backupState: () => Promise.resolve({ at: 1, stale }) });
    const state = new BackupState(peer.thicket);
    await settle();
    expect(state.value).toEqual({ at: 1, stale: false });
    stale = true;
    peer.emit('entry', entry('vote'));
    await settle();
    expect(state.value?.stale).toBe(false);
    peer.emit('entry', entry('rotate'));
    await settle();
    expect(state.value?.stale).toBe(true);
    state.close();
    expect(peer.listening()).toBe(0);
  });
});

describe('a passphrase', () => {
  it('M18: is weak where people would guess it, good where nobody would', () => {
    for (const weak of [
      '',
      'password',
      'Password123!',
      'aaaaaaaaaaaaaaaaaaaaaaaa',
      '12345678901234567890',
      'thicket thicket thicket thicket thicket',
    ])
      expect([weak, strengthOf(weak)]).toEqual([weak, 'weak']);
    for (const fair of ['correct horse battery staple', 'seven little words, here'])
      expect([fair, strengthOf(fair)]).toEqual([fair, 'fair']);
    for (const good of ['lantern gravel opera mitten cobalt fidget', 'k3j9-xq2v-8mzt-4rwb-p7hd'])
      expect([good, strengthOf(good)]).toEqual([good, 'good']);
  });

  it('grows with each new word, never with one said again, and is the same however its letters are encoded', () => {
    expect(guessBits('birch alder')).toBeGreaterThan(guessBits('birch'));
    expect(guessBits('birch alder birch')).toBe(guessBits('birch alder'));
    expect(guessBits('Birch birch')).toBe(guessBits('birch'));
    expect(guessBits('u\u0308ber')).toBe(guessBits('\u00fcber'));
  });
});
