import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FromEndpoint } from '../../../worker/signal/protocol.ts';
import { PAYLOAD_BYTES } from '../../../worker/signal/protocol.ts';
import { FakeSocket, last, ME, ROOM, room, settle, setup, THEM } from './fake-socket.ts';

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
});
afterEach(() => {
  vi.useRealTimers();
});

describe('signaling client: heartbeat', () => {
  it('E3: pings after 20 s of silence, and an endpoint silent for 10 s more is down', async () => {
    const { state } = setup();
    last().fire('open');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(last().sent).toEqual([{ type: 'ping' }]);
    last().tell({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(29_999);
    expect(last().sent).toHaveLength(2);
    expect(state()?.up).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(state()?.reason).toContain('was silent for 10 s after a ping');
  });

  it('E3: what does not parse is no sign of life', async () => {
    const { state } = setup();
    last().fire('open');
    await vi.advanceTimersByTimeAsync(25_000);
    last().fire('message', { data: new ArrayBuffer(3) });
    last().fire('message', { data: 'pong' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(state()?.up).toBe(false);
  });
});

describe('signaling client: rooms', () => {
  const joined = (name = ROOM): FromEndpoint => ({ type: 'joined', room: name, self: ME, members: [THEM] });

  it('E1: rooms wanted are joined once up, and again on every connection', async () => {
    const { signal } = setup();
    signal.join(ROOM);
    signal.join(ROOM);
    signal.join(room(2));
    signal.leave(room(2));
    last().fire('open');
    expect(last().sent).toEqual([{ type: 'join', room: ROOM }]);
    signal.join(room(3));
    expect(last().sent.at(-1)).toEqual({ type: 'join', room: room(3) });
    last().fire('close');
    await vi.advanceTimersByTimeAsync(1_000);
    last().fire('open');
    expect(last().sent).toEqual([
      { type: 'join', room: ROOM },
      { type: 'join', room: room(3) },
    ]);
  });

  it('E1: events come from rooms that one is in, and from no others, whatever the endpoint says', async () => {
    const { signal, events } = setup();
    last().fire('open');
    signal.join(ROOM);
    await settle();
    events.length = 0;
    const payload = Uint8Array.of(1, 2, 3);
    const early: FromEndpoint[] = [
      { type: 'message', room: ROOM, from: THEM, payload },
      { type: 'left', room: ROOM, member: THEM },
      joined(room(9)),
      { type: 'message', room: room(9), from: THEM, payload },
    ];
    for (const message of early) last().tell(message);
    await settle();
    expect(events).toEqual([]);
    last().tell(joined());
    last().tell({ type: 'entered', room: ROOM, member: '03'.repeat(16) });
    last().tell({ type: 'message', room: ROOM, from: THEM, payload });
    last().tell({ type: 'left', room: ROOM, member: THEM });
    await settle();
    expect(events).toEqual([
      { type: 'signal-joined', room: ROOM, members: [THEM] },
      { type: 'signal-entered', room: ROOM, member: '03'.repeat(16) },
      { type: 'signal-message', room: ROOM, from: THEM, payload },
      { type: 'signal-left', room: ROOM, member: THEM },
    ]);
    signal.leave(ROOM);
    events.length = 0;
    last().tell({ type: 'message', room: ROOM, from: THEM, payload });
    await settle();
    expect(events).toEqual([]);
  });

  it('E1: sends are dropped while down, before the room is entered, and while the socket is congested', async () => {
    const { signal } = setup();
    const payload = Uint8Array.of(9);
    signal.join(ROOM);
    signal.send(ROOM, null, payload);
    last().fire('open');
    signal.send(ROOM, null, payload);
    last().tell(joined());
    last().sent.length = 0;
    signal.send(ROOM, THEM, payload);
    signal.send(ROOM, null, payload);
    last().bufferedAmount = 2 ** 21;
    signal.send(ROOM, null, payload);
    expect(last().sent).toEqual([
      { type: 'send', room: ROOM, to: THEM, payload },
      { type: 'send', room: ROOM, to: null, payload },
    ]);
    last().fire('close');
    signal.send(ROOM, null, payload);
    await vi.advanceTimersByTimeAsync(1_000);
    last().fire('open');
    expect(last().sent).toEqual([{ type: 'join', room: ROOM }]);
  });

  it('E2: of more rooms than a connection may join, the later ones wait until a place is free', () => {
    const { signal } = setup();
    for (let n = 0; n < 66; n++) signal.join(room(n));
    last().fire('open');
    expect(last().sent).toHaveLength(64);
    signal.leave(room(3));
    expect(last().sent.slice(64)).toEqual([
      { type: 'leave', room: room(3) },
      { type: 'join', room: room(64) },
    ]);
  });

  it('E2: a room that is full is said so in plain words and asked for again', async () => {
    const { signal, state } = setup();
    signal.join(ROOM);
    last().fire('open');
    last().tell({ type: 'error', code: 'room-full', room: ROOM, message: 'whatever the endpoint writes' });
    await settle();
    expect(state()).toMatchObject({ up: true, reason: 'A room is full. Trying again in a while.' });
    last().sent.length = 0;
    await vi.advanceTimersByTimeAsync(15_000);
    last().tell({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(last().sent).toEqual([{ type: 'join', room: ROOM }]);
    last().tell(joined());
    await settle();
    expect(state()).toMatchObject({ up: true, reason: null });
  });

  it('misuse by our own code throws and says what was given', () => {
    const { signal } = setup();
    expect(() => signal.join('short')).toThrow('room: 64 hex digits are needed, not "short"');
    expect(() => signal.send(ROOM, 'x', new Uint8Array())).toThrow('to: 32 hex digits are needed, not "x"');
    expect(() => signal.send(ROOM, null, new Uint8Array(PAYLOAD_BYTES + 1))).toThrow(
      `payload: at most ${PAYLOAD_BYTES} bytes, not ${PAYLOAD_BYTES + 1}`,
    );
    for (let n = 0; n < 1024; n++) signal.join(room(n));
    expect(() => signal.join(room(1024))).toThrow('rooms: at most 1024');
  });
});
