// An endpoint that lies. It can keep peers apart; it cannot come between them, nor bring a stranger in.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { unwrap } from '../../worker/core/model/errors.ts';
import { decodeInvite, inviteKeys } from '../../worker/core/model/invite.ts';
import { open, seal } from '../../worker/core/model/keys.ts';
import { asArray, asBytes, asText, decode, encode } from '../../worker/core/wire/cbor.ts';
import { connections, isActive, linksTo, removeProfile, share, startBrowser, until } from './harness.ts';
import type { Browser, Tab } from './harness.ts';
import { startHostileEndpoint } from './hostile-endpoint.ts';
import type { Forwarded, HostileEndpoint } from './hostile-endpoint.ts';
import { connectRaw } from './raw-client.ts';

const utf8 = new TextEncoder();
const counter = async (tab: Tab, name: string): Promise<number> =>
  (await tab.call('stats')).counters[name] ?? 0;
const linked = async (tab: Tab): Promise<number> =>
  (await tab.call('peers')).filter(({ link }) => link !== null).length;
const bytesOf = (message: Forwarded): Uint8Array => message.payload.slice();

/** The other end sees the same message with its offer's or answer's fingerprint replaced, sealed anew. */
function swapFingerprint(payload: Uint8Array, room: string, key: Uint8Array): Uint8Array | null {
  const plain = open(key, payload, utf8.encode(room));
  const envelope = plain && decode(plain, { maxBytes: 65_536 });
  const [signed, signature] = (envelope?.ok === true ? asArray(envelope.value, 2) : null) ?? [];
  const inner = asBytes(signed);
  const message = inner && decode(inner, { maxBytes: 65_536 });
  const fields = message?.ok === true ? asArray(message.value, 32) : null;
  const sdp = asText(fields?.at(-1), 16_384);
  if (fields === null || sdp?.includes('a=fingerprint') !== true) return null;
  const other = Array.from(randomBytes(32), (byte) => byte.toString(16).padStart(2, '0')).join(':');
  const swapped = sdp.replace(/(a=fingerprint:sha-256 )\S+/, `$1${other.toUpperCase()}`);
  const forged = encode([encode([...fields.slice(0, -1), swapped]), signature]);
  return seal(key, new Uint8Array(randomBytes(24)), forged, utf8.encode(room), { pad: true });
}

describe('an endpoint that', () => {
  let endpoint: HostileEndpoint;
  let browsers: Browser[] = [];
  let tabs: Tab[] = [];
  let round = 0;

  beforeAll(async () => {
    endpoint = await startHostileEndpoint();
    browsers = await Promise.all([startBrowser(), startBrowser(), startBrowser()]);
  });
  afterEach(async () => {
    endpoint.honest();
    await Promise.all(tabs.map(({ page }) => page.close()));
    tabs = [];
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
    await endpoint.close();
  });

  /** Fresh peers, each in a browser process of its own. */
  async function peers(count: 2 | 3): Promise<Tab[]> {
    round += 1;
    tabs = await Promise.all(
      browsers.slice(0, count).map((browser) => browser.open(`${endpoint.url}/?peer=round-${round}`)),
    );
    return tabs;
  }

  it('K1: changes and exchanges payloads keeps two peers apart, and they meet once it stops', async () => {
    const [alice, bob] = (await peers(2)) as [Tab, Tab];
    const passed: Uint8Array[] = [];
    let turn = 0;
    endpoint.onForward = (message, _to, deliver) => {
      passed.push(bytesOf(message));
      turn += 1;
      const payload = bytesOf(message);
      const at = Math.floor(payload.length / 2);
      payload[at] = (payload[at] ?? 0) ^ 1;
      // One bit in one, the head of one with the tail of another, and one cut short.
      if (turn % 3 === 0) payload.set((passed[0] ?? payload).subarray(0, 40));
      deliver({ ...message, payload: turn % 3 === 1 ? payload.subarray(0, payload.length - 1) : payload });
    };
    const { id } = await alice.call('createGrove', { name: 'Garbled' });
    await bob.call('join', await alice.call('invite', id));
    await until(async () => (await counter(alice, 'signal.refused')) >= 3, 'three announces were refused');
    expect(await isActive(bob, id)).toBe(false);
    expect([await linked(alice), await linked(bob)]).toEqual([0, 0]);
    expect([await connections(alice), await connections(bob)]).toEqual([0, 0]);

    endpoint.honest();
    await until(() => isActive(bob, id), 'bob is in', 60_000);
    expect([await linked(alice), await linked(bob)]).toEqual([1, 1]);
  });

  it('K3: swaps fingerprints, though it knows the room’s key, yields no link', async () => {
    const [alice, bob] = (await peers(2)) as [Tab, Tab];
    const { id } = await alice.call('createGrove', { name: 'Swapped' });
    const url = await alice.call('invite', id);
    const { room, seal: key } = inviteKeys(unwrap(decodeInvite(url)).key);
    let swapped = 0;
    endpoint.onForward = (message, _to, deliver) => {
      const forged = message.room === room ? swapFingerprint(message.payload, room, key) : null;
      if (forged !== null) swapped += 1;
      deliver(forged === null ? message : { ...message, payload: forged });
    };
    await bob.call('join', url);
    const refused = async (): Promise<number> =>
      (await counter(alice, 'signal.refused')) + (await counter(bob, 'signal.refused'));
    await until(async () => swapped >= 2 && (await refused()) >= swapped, 'forged offers were refused');
    expect(await isActive(bob, id)).toBe(false);
    expect([await linked(alice), await linked(bob)]).toEqual([0, 0]);

    endpoint.honest();
    await until(() => isActive(bob, id), 'bob is in', 60_000);
  });

  it('K2: replays old offers and announces after their author left yields no link', async () => {
    const [alice, bob] = (await peers(2)) as [Tab, Tab];
    const me = (await alice.call('identity')).peerId;
    await share(alice, bob);
    // He comes back, announces himself in the grove's room, and she offers: what goes to him is kept.
    const toBob: Forwarded[] = [];
    const others = new Set(endpoint.rooms.keys());
    endpoint.onForward = (message, to, deliver) => {
      if (!others.has(to)) toBob.push({ ...message, payload: bytesOf(message) });
      deliver(message);
    };
    await bob.page.reload();
    await until(async () => (await linked(bob)) === 1, 'bob is linked again');
    expect(toBob.length).toBeGreaterThanOrEqual(2);

    await alice.page.close();
    await until(async () => (await linked(bob)) === 0, 'alice is gone');
    const target = Math.max(...endpoint.rooms.keys());
    const before = await counter(bob, 'signal.replayed');
    const ROUNDS = 3;
    for (let times = 0; times < ROUNDS; times += 1)
      for (const message of toBob) endpoint.tell(target, message);
    await until(
      async () => (await counter(bob, 'signal.replayed')) - before >= ROUNDS,
      'the old offer is dropped each time',
    );
    // Her old announce is an honest word of hers: he may offer, and nobody answers.
    await until(async () => (await connections(bob)) === 0, 'no attempt goes on', 60_000);
    expect(await linksTo(bob, me)).toEqual([]);
    expect(await linked(bob)).toBe(0);
  });

  it('K4, A1: introduces a stranger with another key, and frames of nobody’s making, yields no link to them', async () => {
    const [alice, bob, eve] = (await peers(3)) as [Tab, Tab, Tab];
    await eve.call('createGrove', { name: 'Elsewhere' });
    // Whatever is said in any room is said in every room of everyone else.
    let introduced = 0;
    endpoint.onSend = (message, from) => {
      for (const [conn, rooms] of endpoint.rooms) {
        if (conn === from) continue;
        for (const room of rooms) {
          if (room === message.room) continue;
          introduced += 1;
          endpoint.tell(conn, {
            type: 'message',
            room,
            from: 'ee'.repeat(16),
            payload: message.payload.slice(),
          });
        }
      }
    };
    const id = await share(alice, bob);
    const { room } = inviteKeys(unwrap(decodeInvite(await alice.call('invite', id))).key);
    const mole = await connectRaw(endpoint.url);
    await mole.join(room);
    for (let n = 0; n < 50; n += 1)
      mole.send({ type: 'send', room, to: null, payload: new Uint8Array(randomBytes(1 + n * 37)) });
    const key = new Uint8Array(randomBytes(32));
    const announce = encode([1, 'announce', new Uint8Array(32), new Uint8Array(16), 0, []]);
    for (let n = 0; n < 50; n += 1) {
      const payload = seal(key, new Uint8Array(randomBytes(24)), announce, utf8.encode(room), { pad: true });
      mole.send({ type: 'send', room, to: null, payload });
    }
    await until(async () => (await counter(alice, 'signal.refused')) >= 100, 'alice refuses all of it');
    await until(
      async () => introduced > 0 && (await counter(eve, 'signal.refused')) > 0,
      'eve was introduced',
    );

    // The honest pair is linked, to each other and to nobody else.
    expect([await linked(alice), await linked(bob), await linked(eve)]).toEqual([1, 1, 0]);
    expect([await connections(alice), await connections(bob), await connections(eve)]).toEqual([1, 1, 0]);
    expect((await eve.call('groves')).map(({ name }) => name)).toEqual(['Elsewhere']);
    const stranger = (await eve.call('identity')).peerId;
    for (const tab of [alice, bob]) {
      const known = (await tab.call('peers')).map(({ peerId }) => peerId);
      expect(known).not.toContain(stranger);
      expect(known).toHaveLength(2);
    }
    mole.close();
  });

  it('K2, K3: only delays and reorders, does not keep two peers from each other', async () => {
    const [alice, bob] = (await peers(2)) as [Tab, Tab];
    const held: (() => void)[] = [];
    let released = 0;
    endpoint.onForward = (message, _to, deliver) => {
      const copy = { ...message, payload: bytesOf(message) };
      held.push(() => deliver(copy));
    };
    // Every 200 ms all that came meanwhile goes on, the last first.
    const release = setInterval(() => {
      released += held.length > 1 ? 1 : 0;
      for (const each of held.splice(0).reverse()) each();
    }, 200);
    try {
      const id = await share(alice, bob);
      await until(
        async () => (await bob.call('groves')).some(({ role }) => role === 'member'),
        'bob knows it',
      );
      const { cid } = await bob.call('contribute', id, { kind: 'work', summary: 'Through the fog' });
      await until(async () => alice.call('contribution', id, cid), 'alice has it');
      expect(released).toBeGreaterThan(0);
      expect([await linked(alice), await linked(bob)]).toEqual([1, 1]);
    } finally {
      clearInterval(release);
    }
  });
});
