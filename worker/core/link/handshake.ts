// The proof on the channel itself (K4): hello, then a signature over the transcript. Pure: frames in, frames out.
// Knows nothing of signaling; who the other side must be, and the DTLS fingerprints, are given to it.
import { concat, equalBytes, utf8 } from '../model/bytes.ts';
import { idBytes } from '../model/ids.ts';
import type { PeerId } from '../model/ids.ts';
import { hash32, sign, verify } from '../model/keys.ts';
import type { Keypair } from '../model/keys.ts';
import { LABEL } from '../model/labels.ts';
import type { Signatures } from '../ports.ts';
import type { Frame } from '../wire/frame.ts';

export interface HandshakeOptions {
  signatures: Signatures;
  keypair: Keypair;
  /** Whom the signaling named. */
  peer: PeerId;
  offerer: boolean;
  /** DTLS fingerprints, 32 bytes each. */
  localPrint: Uint8Array;
  remotePrint: Uint8Array;
  /** 32 bytes, fresh. */
  nonce: Uint8Array;
  version: { min: number; max: number };
  features: readonly string[];
}

export interface Authenticated {
  /** 32 bytes, known to the two ends only. */
  transcript: Uint8Array;
  version: number;
  features: string[];
}

export type HandshakeStep =
  | { type: 'send'; frame: Frame }
  | { type: 'done'; result: Authenticated }
  /** `bye`: whether the other side is told why. */
  | { type: 'failed'; reason: string; bye: boolean };

export interface Handshake {
  hello(): Frame;
  /** Takes each frame until it is done or has failed. */
  receive(frame: Frame): HandshakeStep;
}

type Hello = Extract<Frame, { type: 'hello' }>;

const OFFERER = Uint8Array.of(0);
const ANSWERER = Uint8Array.of(1);

export function createHandshake(options: HandshakeOptions): Handshake {
  const { signatures, keypair, peer, offerer, nonce, version } = options;
  /** What stands after the other's hello, which its proof then confirms. */
  let agreed: Authenticated | null = null;

  const failed = (reason: string, bye = false): HandshakeStep => ({ type: 'failed', reason, bye });

  function transcriptOf(hello: Hello, spoken: number): Uint8Array {
    const mine = { key: keypair.publicKey, print: options.localPrint, nonce };
    const theirs = { key: idBytes(peer), print: options.remotePrint, nonce: hello.nonce };
    const [first, second] = offerer ? [mine, theirs] : [theirs, mine];
    return hash32(
      concat(utf8(LABEL.link), Uint8Array.of(spoken)),
      concat(first.key, second.key, first.print, second.print, first.nonce, second.nonce),
    );
  }

  function onHello(hello: Hello): HandshakeStep {
    if (agreed !== null) return failed('a second hello');
    if (hello.key !== peer) return failed('another key than the signaling named');
    if (equalBytes(hello.nonce, nonce)) return failed('our own nonce');
    const spoken = Math.min(version.max, hello.max);
    if (spoken < Math.max(version.min, hello.min)) {
      return failed(`version: speaks ${version.min}-${version.max}, given ${hello.min}-${hello.max}`, true);
    }
    const transcript = transcriptOf(hello, spoken);
    agreed = { transcript, version: spoken, features: [...hello.features] };
    const signature = sign(signatures, keypair, LABEL.link, transcript, offerer ? OFFERER : ANSWERER);
    return { type: 'send', frame: { type: 'proof', signature } };
  }

  function onProof(signature: Uint8Array): HandshakeStep {
    if (agreed === null) return failed('a proof before hello');
    const holds = verify(
      signatures,
      peer,
      signature,
      LABEL.link,
      agreed.transcript,
      offerer ? ANSWERER : OFFERER,
    );
    return holds ? { type: 'done', result: agreed } : failed('the proof does not hold');
  }

  return {
    hello: () => ({
      type: 'hello',
      min: version.min,
      max: version.max,
      features: [...options.features],
      key: keypair.id,
      nonce,
    }),
    receive(frame) {
      if (frame.type === 'hello') return onHello(frame);
      if (frame.type === 'proof') return onProof(frame.signature);
      return failed(`a ${frame.type} frame before the proof`);
    },
  };
}
