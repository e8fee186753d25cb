// One label per signature and per derived key (M13). No label is a prefix of another, so label || parts is unambiguous.

export const LABEL = {
  /** Signature of an entry: over the label and the entry's id, nothing else. */
  entry: 'thicket/entry/1',
  /** Signature of the transcript on an open channel. */
  link: 'thicket/link/1',
  /** Signatures of sealed signaling messages. */
  announce: 'thicket/announce/1',
  offer: 'thicket/offer/1',
  answer: 'thicket/answer/1',
  candidate: 'thicket/candidate/1',
  call: 'thicket/call/1',
  restart: 'thicket/restart/1',
  /** Signatures of what gossip carries: that a peer is there, that it holds a contribution, and what it is at. */
  descriptor: 'thicket/descriptor/1',
  digest: 'thicket/digest/1',
  presence: 'thicket/presence/1',
  /** Signatures of descriptions carried by hand. */
  handOffer: 'thicket/hand-offer/1',
  handAnswer: 'thicket/hand-answer/1',
  /** Derived from a grove's secret: room name, sealing key of signaling, key of grove tags. */
  room: 'thicket/room/1',
  seal: 'thicket/seal/1',
  tag: 'thicket/tag/1',
  /** Derived from an invite key: joining room, its sealing key, key of the proof of holding the invite. */
  joinRoom: 'thicket/join-room/1',
  joinSeal: 'thicket/join-seal/1',
  join: 'thicket/join/1',
  /** Signature of a joiner that binds grove, invite and both keys; kept in the `admit` entry. */
  admit: 'thicket/admit/1',
  /** Derived from a grove's secret: seals invite keys in `invite` entries. */
  inviteSeal: 'thicket/invite-seal/1',
  /** Derived from what two X25519 keys share: seals a grove's next secret, and signaling to one member alone. */
  rotate: 'thicket/rotate/1',
  boxed: 'thicket/boxed/1',
  /** Signatures of two devices of one person: of the one that vouches, and of the one that is vouched for. */
  vouch: 'thicket/vouch/1',
  accept: 'thicket/accept/1',
  /** Hashed with two device keys: the digits that people compare. */
  pairCode: 'thicket/pair-code/1',
  /** Derived from a passphrase: seals a backup of an identity. Derived from two X25519 keys: seals groves for one's new device. */
  backup: 'thicket/backup/1',
  pairing: 'thicket/pairing/1',
  /** HMAC under a grove's tag key: that a vouched device holds the grove's secret. */
  vouched: 'thicket/vouched/1',
  /** Derived from a device's seed: its X25519 secret. */
  boxKey: 'thicket/box-key/1',
} as const;
