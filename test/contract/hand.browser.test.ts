// R4 in a real browser: texts that two link machines write, real connections, and a person who takes their time.
import { afterEach, describe, expect, it } from 'vitest';
import { createChannel } from '../../src/links/channel.ts';
import type { Channel } from '../../src/links/channel.ts';
import { createLinkMachine } from '../../worker/core/link/machine.ts';
import type { LinkInput, LinkOutput } from '../../worker/core/link/machine.ts';
import { hash32, keypairFromSeed } from '../../worker/core/model/keys.ts';
import { utf8 } from '../../worker/core/model/bytes.ts';
import { createSeededRandom } from '../../worker/core/model/random.ts';
import { waitUntil } from './wait.ts';

const ROOM = 'ab'.repeat(32);
/** ms after which Chromium fails a connection none of whose candidates answered is 13,600: this is longer. */
const CARRYING = 16_000;

interface Device {
  outputs: LinkOutput[];
  give(input: LinkInput): void;
  text(): string;
  ups(): LinkOutput[];
  stop(): void;
}

const devices: Device[] = [];
afterEach(() => {
  for (const device of devices.splice(0)) device.stop();
});

/** `tamper`: what is told to its connections instead. */
function createDevice(name: string, tamper: (data: string) => string = (data) => data): Device {
  const channels = new Map<string, Channel>();
  const outputs: LinkOutput[] = [];
  const machine = createLinkMachine({
    keypair: keypairFromSeed(hash32(utf8(name))),
    random: createSeededRandom(utf8(name)),
    features: [],
  });
  const give = (input: LinkInput): void => {
    for (const output of machine.handle(input, Date.now())) {
      outputs.push(output);
      carryOut(output);
    }
  };
  /** Later, as it comes from a page. */
  const tell = (input: LinkInput): void => queueMicrotask(() => give(input));

  function carryOut(output: LinkOutput): void {
    if (output.type === 'up') give({ type: 'keep', link: output.link, kept: true });
    if (output.type === 'link-open') {
      const { link, initiator } = output;
      const channel = createChannel({
        initiator,
        iceServers: [],
        relayOnly: false,
        onSignal: (data) => tell({ type: 'link-signal', link, data }),
        onOpen: (local, remote) => tell({ type: 'link-open', link, local, remote }),
        onFrame: (frame) => tell({ type: 'link-frame', link, frame: new Uint8Array(frame) }),
        onDrained: () => undefined,
        onClosed: (reason) => tell({ type: 'link-closed', link, reason }),
      });
      channels.set(link, channel);
    }
    if (output.type === 'link-signal') channels.get(output.link)?.signal(tamper(output.data));
    if (output.type === 'link-send')
      channels.get(output.link)?.send(output.frame.slice().buffer, output.lane);
    if (output.type === 'link-close') channels.get(output.link)?.close(output.reason);
  }

  const timer = setInterval(() => give({ type: 'tick' }), 100);
  give({ type: 'carrier', present: true });
  give({ type: 'room-open', room: ROOM, key: hash32(utf8('room')), want: 1 });
  const device: Device = {
    outputs,
    give,
    text: () => outputs.findLast((output) => output.type === 'hand-text')?.text ?? '',
    ups: () => outputs.filter(({ type }) => type === 'up'),
    stop() {
      clearInterval(timer);
      for (const channel of channels.values()) channel.destroy('the test is over');
    },
  };
  devices.push(device);
  return device;
}

async function carry(a: Device, b: Device, wait: number): Promise<void> {
  a.give({ type: 'hand-offer', request: '1', room: ROOM });
  await waitUntil(() => a.text() !== '');
  b.give({ type: 'hand-answer', request: '2', text: a.text() });
  await waitUntil(() => b.text() !== '');
  await new Promise((resolve) => setTimeout(resolve, wait));
  a.give({ type: 'hand-accept', request: '3', text: b.text() });
  await waitUntil(() => a.ups().length + b.ups().length === 2, 20_000);
}

describe('links made by hand in a real browser', () => {
  it('R4: two texts make a proven link, and each fits a QR code', async () => {
    const [a, b] = [createDevice('a'), createDevice('b')];
    await carry(a, b, 0);
    expect(a.ups()).toMatchObject([{ source: 'hand' }]);
    for (const device of [a, b]) expect(device.text().length).toBeLessThan(2_900);
  });

  it('R4: the answering side still connects after longer than the browser looks for a way', async () => {
    // None of the offerer's addresses can be reached from there; it reaches us.
    const unreachable = (data: string): string =>
      data.includes('"sdp"') ? data : data.replace(/ (udp \d+) \S+ /, ' $1 203.0.113.9 ');
    const [a, b] = [createDevice('a'), createDevice('b', unreachable)];
    await carry(a, b, CARRYING);
    expect(b.ups()).toMatchObject([{ source: 'hand' }]);
  });
});
