// How a newcomer proves that it holds an invite, and how a member tells which one (SPEC A4, A5). Pure computations.
import { utf8, equalBytes } from '../model/bytes.ts';
import { idBytes, type EntryId, type GroveId, type PeerId } from '../model/ids.ts';
import { inviteKeys, INVITE_KEY, type InviteKeys, type InviteLink } from '../model/invite.ts';
import { deriveKey, mac, open, seal, sign, verify, type Keypair } from '../model/keys.ts';
import { LABEL } from '../model/labels.ts';
import type { Random, Signatures } from '../ports.ts';
import type { Frame } from '../wire/frame.ts';
import type { Invite } from './folding.ts';
import type { Members } from './membership.ts';

export type JoinFrame = Extract<Frame, { type: 'join' }>;

const TAG = utf8('tag');
const PROOF = utf8('proof');
const NONCE = 24;

/** The newcomer's request on an authenticated link. Bound to the transcript, so that it can't be played elsewhere. */
export function joinFrame(
  signatures: Signatures,
  link: InviteLink,
  transcript: Uint8Array,
  keypair: Keypair,
  name: string,
): JoinFrame {
  const { join } = inviteKeys(link.key);
  return {
    type: 'join',
    tag: mac(join, TAG, transcript),
    name,
    box: keypair.boxPublic,
    proof: mac(join, PROOF, transcript, keypair.publicKey),
    signature: sign(signatures, keypair, LABEL.admit, idBytes(link.grove), keypair.boxPublic),
  };
}

/** Whether the newcomer holds the invite, and vouches for its keys. */
export function isProven(
  signatures: Signatures,
  frame: JoinFrame,
  keys: InviteKeys,
  grove: GroveId,
  transcript: Uint8Array,
  peer: PeerId,
): boolean {
  return (
    equalBytes(frame.proof, mac(keys.join, PROOF, transcript, idBytes(peer))) &&
    verify(signatures, peer, frame.signature, LABEL.admit, idBytes(grove), frame.box)
  );
}

/** The invite key as it lies in the log: sealed, so that the log alone lets nobody in. */
export function sealInviteKey(key: Uint8Array, secret: Uint8Array, random: Random): Uint8Array {
  return seal(deriveKey(secret, LABEL.inviteSeal), random.bytes(NONCE), key, utf8(LABEL.inviteSeal));
}

export interface OpenInvite {
  id: EntryId;
  invite: Invite;
  keys: InviteKeys;
  /** Sealed under the secret in use: whoever was banned before can't have it (SPEC A15). */
  current: boolean;
}

/** The invites of one grove with their keys; each is opened once. */
export class InviteBook {
  readonly #opened = new Map<EntryId, { keys: InviteKeys; secret: Uint8Array } | null>();

  /** Newest first. Those whose key can't be opened with any secret are left out. */
  all(members: Members, secrets: readonly Uint8Array[]): OpenInvite[] {
    const open = members.invites().flatMap((invite) => {
      const opened = this.#open(invite, secrets);
      const current = opened !== null && opened.secret === secrets.at(-1);
      return opened === null ? [] : [{ id: invite.source.id, invite, keys: opened.keys, current }];
    });
    return open.sort((a, b) => b.invite.source.lamport - a.invite.source.lamport);
  }

  find(
    frame: JoinFrame,
    transcript: Uint8Array,
    members: Members,
    secrets: readonly Uint8Array[],
  ): OpenInvite | null {
    const all = this.all(members, secrets);
    return all.find(({ keys }) => equalBytes(frame.tag, mac(keys.join, TAG, transcript))) ?? null;
  }

  /** Other secrets are known: what could not be opened may be now. */
  forget(): void {
    this.#opened.clear();
  }

  #open(invite: Invite, secrets: readonly Uint8Array[]): { keys: InviteKeys; secret: Uint8Array } | null {
    const { id } = invite.source;
    const known = this.#opened.get(id);
    if (known !== undefined) return known;
    let opened: { keys: InviteKeys; secret: Uint8Array } | null = null;
    for (const secret of secrets) {
      const key = open(deriveKey(secret, LABEL.inviteSeal), invite.body.sealed, utf8(LABEL.inviteSeal));
      if (key?.length === INVITE_KEY) opened = { keys: inviteKeys(key), secret };
    }
    this.#opened.set(id, opened);
    return opened;
  }
}
