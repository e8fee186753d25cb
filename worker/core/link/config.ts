// The defaults of the link layer, each with its reason. Durations are in milliseconds.

export interface LinkConfig {
  /** Lowest and highest protocol version spoken (W4). */
  version: { min: number; max: number };
  maxLinks: number;
  maxRoomLinks: number;
  strangersTaken: number;
  maxRooms: number;
  maxPending: number;
  maxCandidates: number;
  maxMembers: number;
  maxNonces: number;
  maxOffersPerNonce: number;
  maxFailures: number;
  maxGarbled: number;
  maxPayload: number;
  maxSdp: number;
  connectTimeout: number;
  answerPatience: number;
  authTimeout: number;
  settle: number;
  nonceLifetime: number;
  retryMin: number;
  retryMax: number;
  holdOff: number;
  pingEvery: number;
  pingsMissed: number;
  clockJump: number;
  doubt: number;
}

export const LINK_CONFIG: LinkConfig = {
  version: { min: 1, max: 1 },
  /** DESIGN section 5: per device, about 0.5 MiB each (FACTS). */
  maxLinks: 24,
  /** The active view's maximum (DESIGN section 5). */
  maxRoomLinks: 8,
  /** Offers that an announce by a peer with links gets on average from members that have enough (K6). */
  strangersTaken: 0.25,
  /** The endpoint's limit per connection (E2). */
  maxRooms: 64,
  /** Attempts under way, and candidates that came before their offer, per room. */
  maxPending: 32,
  /** Per attempt. Browsers gather fewer than 20. */
  maxCandidates: 32,
  /** The endpoint's limit per room (E2). */
  maxMembers: 256,
  /** With doublings from 1 s, the first of four announces is still valid when its offer comes 15 s later. */
  maxNonces: 4,
  maxOffersPerNonce: 64,
  /** Peers whose failed attempts are remembered. */
  maxFailures: 256,
  /** Frames of an authenticated peer that do not decode; beyond these it is broken or hostile. */
  maxGarbled: 16,
  /** The endpoint forwards at most 64 KiB a message (E2). */
  maxPayload: 65_536,
  /** One data channel's SDP is about 500 bytes, some KiB with candidates in it. */
  maxSdp: 16_384,
  /** DESIGN section 5. */
  connectTimeout: 10_000,
  /** An answer takes one round trip and a PeerConnection; a peer that announces anew after this never got our offer. */
  answerPatience: 3_000,
  authTimeout: 10_000,
  /** An announce that was under way while the link came up cannot list it yet. */
  settle: 2_000,
  nonceLifetime: 60_000,
  /** DESIGN section 5: retry 1 s doubling to 60 s. */
  retryMin: 1_000,
  retryMax: 60_000,
  /** After this device's own node closed a link, so that it isn't opened again at once. */
  holdOff: 10_000,
  pingEvery: 5_000,
  pingsMissed: 3,
  /** Links wake the machine every 5 s; time that moves further than this was sleep. */
  clockJump: 30_000,
  /** How long links may take to answer after a sleep. */
  doubt: 5_000,
};
