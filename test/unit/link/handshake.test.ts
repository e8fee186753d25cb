// The transcript proof by itself, without machine or signaling.
import { describe, expect, it } from 'vitest';
import { keypairOf } from './hub.ts';
import { createHandshake } from '../../../worker/core/link/handshake.ts';
import type { Handshake, HandshakeOptions, HandshakeStep } from '../../../worker/core/link/handshake.ts';
import { hash32, nobleSignatures, sign } from '../../../worker/core/model/keys.ts';
import { LABEL } from '../../../worker/core/model/labels.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';

const printA = hash32(utf8('print of a'));
const printB = hash32(utf8('print of b'));

const side = (
  me: string,
  other: string,
  offerer: boolean,
  changes: Partial<HandshakeOptions> = {},
): Handshake =>
  createHandshake({
    signatures: nobleSignatures,
    keypair: keypairOf(me),
    peer: keypairOf(other).id,
    offerer,
    localPrint: offerer ? printA : printB,
    remotePrint: offerer ? printB : printA,
    nonce: hash32(utf8(`nonce of ${me}`)),
    version: { min: 1, max: 1 },
    features: [],
    ...changes,
  });

/** Exchanges hellos and proofs; how it ends for each side. */
function run(a: Handshake, b: Handshake): HandshakeStep[] {
  const fromA = a.receive(b.hello());
  const fromB = b.receive(a.hello());
  if (fromA.type !== 'send' || fromB.type !== 'send') return [fromA, fromB];
  return [a.receive(fromB.frame), b.receive(fromA.frame)];
}

const refused = { type: 'failed', reason: 'the proof does not hold', bye: false };

describe('the transcript proof', () => {
  it('K4: holds on both sides of an honest channel and gives one transcript', () => {
    const [a, b] = run(side('a', 'b', true), side('b', 'a', false));
    expect(a).toMatchObject({ type: 'done', result: { version: 1 } });
    expect(a).toEqual(b);
  });

  it('K4: fails on both sides of a channel whose DTLS fingerprints differ at the two ends', () => {
    const middle = hash32(utf8('print of the middle'));
    expect(
      run(side('a', 'b', true, { remotePrint: middle }), side('b', 'a', false, { remotePrint: middle })),
    ).toEqual([refused, refused]);
    expect(run(side('a', 'b', true, { localPrint: middle }), side('b', 'a', false))).toEqual([
      refused,
      refused,
    ]);
  });

  it('K4: fails where both sides believe that they made the offer', () => {
    expect(run(side('a', 'b', true), side('b', 'a', true))).toEqual([refused, refused]);
  });

  it('K4: binds both keys, both nonces, the version and the role', () => {
    const honest = run(side('a', 'b', true), side('b', 'a', false))[0];
    const transcripts = [
      honest,
      run(side('a', 'c', true), side('c', 'a', false))[0],
      run(side('a', 'b', true, { nonce: hash32(utf8('x')) }), side('b', 'a', false))[0],
      run(side('a', 'b', true), side('b', 'a', false, { nonce: hash32(utf8('y')) }))[0],
      run(
        side('a', 'b', true, { version: { min: 1, max: 2 } }),
        side('b', 'a', false, { version: { min: 2, max: 3 } }),
      )[0],
    ].map((step) =>
      step?.type === 'done' ? Buffer.from(step.result.transcript).toString('hex') : step?.type,
    );
    expect(new Set(transcripts).size).toBe(5);
    for (const transcript of transcripts) expect(transcript).toMatch(/^[0-9a-f]{64}$/);
  });

  it('K4: a proof of the same transcript in the wrong role is refused', () => {
    const [a, b] = [side('a', 'b', true), side('b', 'a', false)];
    const done = run(side('a', 'b', true), b)[0];
    const transcript = done?.type === 'done' ? done.result.transcript : new Uint8Array(32);
    a.receive(b.hello());
    const asOfferer = sign(nobleSignatures, keypairOf('b'), LABEL.link, transcript, Uint8Array.of(0));
    const asAnswerer = sign(nobleSignatures, keypairOf('b'), LABEL.link, transcript, Uint8Array.of(1));
    expect(a.receive({ type: 'proof', signature: asOfferer })).toEqual(refused);
    expect(a.receive({ type: 'proof', signature: asAnswerer })).toMatchObject({ type: 'done' });
  });

  it('K4: a hello with our own nonce, of another key, or a second one is refused', () => {
    const nonce = hash32(utf8('nonce of a'));
    expect(side('a', 'b', true).receive(side('b', 'a', false, { nonce }).hello())).toMatchObject({
      type: 'failed',
    });
    expect(side('a', 'b', true).receive(side('c', 'a', false).hello())).toMatchObject({ type: 'failed' });
    const a = side('a', 'b', true);
    expect(a.receive(side('b', 'a', false).hello())).toMatchObject({ type: 'send' });
    expect(a.receive(side('b', 'a', false).hello())).toMatchObject({ type: 'failed' });
  });

  it('W4: the highest version that both speak is used, and none is told', () => {
    const versions = [
      [{ min: 1, max: 3 }, { min: 2, max: 5 }, 3],
      [{ min: 1, max: 1 }, { min: 1, max: 9 }, 1],
      [{ min: 4, max: 4 }, { min: 1, max: 9 }, 4],
    ] as const;
    for (const [mine, theirs, spoken] of versions) {
      const [a] = run(side('a', 'b', true, { version: mine }), side('b', 'a', false, { version: theirs }));
      expect(a).toMatchObject({ type: 'done', result: { version: spoken } });
    }
    const none = run(
      side('a', 'b', true, { version: { min: 1, max: 2 } }),
      side('b', 'a', false, { version: { min: 3, max: 4 } }),
    );
    expect(none).toMatchObject([
      { type: 'failed', bye: true },
      { type: 'failed', bye: true },
    ]);
  });
});
