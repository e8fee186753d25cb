// K6: a connection that lost its path gets another one, and stays the same connection.
import { describe, expect, it } from 'vitest';
import { ROOM, ROOM_KEY, createHub, idOf, keypairOf, printOf, sdpOf } from './hub.ts';
import type { Hub, Peer } from './hub.ts';
import { openMessage, sealMessage } from '../../../worker/core/link/envelope.ts';
import type { Outgoing } from '../../../worker/core/link/envelope.ts';
import { nobleSignatures } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { LinkId } from '../../../worker/core/model/ids.ts';

const room = { name: ROOM, key: ROOM_KEY };

interface World {
  hub: Hub;
  offerer: Peer;
  answerer: Peer;
}

function linked(): World {
  const hub = createHub();
  const [a, b] = [hub.peer('a'), hub.peer('b')];
  hub.enter(a);
  hub.enter(b);
  hub.advance(10_000);
  const offers = a.machine.links()[0]?.initiator === true;
  return { hub, offerer: offers ? a : b, answerer: offers ? b : a };
}

const link = (peer: Peer): LinkId => peer.live()[0] as LinkId;
const printAt = ({ hub }: World, peer: Peer): string =>
  [...hub.connections.values()].find((each) => each.peer === peer)?.print ?? '';
const handedTo = ({ hub }: World, peer: Peer): string[] =>
  [...hub.connections.values()].find((each) => each.peer === peer)?.handed ?? [];
const candidate = { candidate: 'candidate:7 1 udp 1 198.51.100.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };

/** What a page says when its connection makes a new description. */
function redescribe(world: World, peer: Peer, type: 'offer' | 'answer', print = printAt(world, peer)): void {
  const sdp = sdpOf('new', print);
  peer.give({ type: 'link-signal', link: link(peer), data: JSON.stringify({ type, sdp }) });
  peer.give({
    type: 'link-signal',
    link: link(peer),
    data: JSON.stringify({ type: 'candidate', candidate }),
  });
  world.hub.advance(400);
}

/** The hub answers offers by itself, as a first one; here the test does. */
const quiet = ({ hub }: World): void => {
  for (const connection of hub.connections.values()) connection.remote = null;
};

describe('a path that is gone', () => {
  it('K6: a new description goes to the other end with its candidates, and its answer comes back; the link stays', () => {
    const world = linked();
    const { offerer, answerer } = world;
    const before = handedTo(world, answerer).length;
    redescribe(world, offerer, 'offer');
    const handed = handedTo(world, answerer).slice(before);
    expect(handed.map((data) => (JSON.parse(data) as { type: string }).type)).toEqual(['offer', 'candidate']);
    expect(offerer.ups()).toHaveLength(1);
    expect(offerer.downs()).toEqual([]);
    const atOfferer = handedTo(world, offerer).length;
    redescribe(world, answerer, 'answer');
    expect(handedTo(world, offerer).length).toBeGreaterThan(atOfferer);
    expect(answerer.live()).toHaveLength(1);
  });

  it('K6: with the endpoint down it goes around the link through the mesh', () => {
    const world = linked();
    const { hub, offerer, answerer } = world;
    for (const peer of [offerer, answerer])
      peer.give({ type: 'signal-state', up: false, url: null, reason: null });
    const posted = hub.posted.length;
    const before = handedTo(world, answerer).length;
    redescribe(world, offerer, 'offer');
    expect(hub.posted).toHaveLength(posted);
    expect(offerer.outputs.filter((output) => output.type === 'relay')).toMatchObject([{ retry: true }]);
    expect(handedTo(world, answerer).length).toBeGreaterThan(before);
  });

  it('K6, K4: a description with another fingerprint is not sent, and not taken', () => {
    const world = linked();
    const { hub, offerer, answerer } = world;
    const before = handedTo(world, answerer).length;
    redescribe(world, offerer, 'offer', printOf('mallory'));
    expect(handedTo(world, answerer).slice(before).join()).not.toContain('"sdp":');
    const after = handedTo(world, answerer).length;
    const seen = hub.posted.map(({ payload }) =>
      openMessage(nobleSignatures, idOf(answerer), room, payload, 65_536),
    );
    const offer = seen.map((each) => (each.ok ? each.message : null)).find((each) => each?.kind === 'offer');
    const session = offer?.kind === 'offer' ? offer.nonce : new Uint8Array(16);
    for (const name of [offerer.name, 'mallory']) {
      const message: Outgoing = {
        kind: 'restart',
        to: idOf(answerer),
        session,
        n: 1,
        answer: false,
        sdp: sdpOf('new', printOf('mallory')),
        candidates: [],
      };
      const random = createSeededRandom(3);
      const { payload } = sealMessage(nobleSignatures, keypairOf(name), room, random, message);
      answerer.give({ type: 'signal-message', room: ROOM, from: offerer.name, payload });
    }
    expect(answerer.counted('signal.unwanted')).toBe(2);
    hub.settle();
    expect(handedTo(world, answerer)).toHaveLength(after);
  });

  it('K6, K2: one that was sent before is not taken again', () => {
    const world = linked();
    const { hub, offerer, answerer } = world;
    const from = hub.posted.length;
    redescribe(world, offerer, 'offer');
    const restarts = hub.posted.slice(from).filter((posted) => posted.from === offerer.name);
    expect(restarts.length).toBeGreaterThan(0);
    const before = handedTo(world, answerer).length;
    for (const posted of restarts) hub.post(posted);
    hub.settle();
    expect(handedTo(world, answerer)).toHaveLength(before);
  });

  it('K6: an answer that nobody asked for, and an offer by the answerer, go nowhere', () => {
    const world = linked();
    quiet(world);
    const { hub, offerer, answerer } = world;
    const posted = hub.posted.length;
    redescribe(world, answerer, 'offer');
    redescribe(world, answerer, 'answer');
    redescribe(world, offerer, 'answer');
    // Their candidates are those of a standing connection, and travel as such.
    expect(hub.posted.length - posted).toBe(3);
    expect(offerer.counted('signal.unneeded') + answerer.counted('signal.unneeded')).toBe(3);
  });
});
