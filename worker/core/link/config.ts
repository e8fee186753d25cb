// The defaults of the link layer, each with its reason. Durations are in milliseconds.

export interface Inflow {
  perSecond: number;
  burst: number;
}
export interface InflowConfig {
  rates: { seldom: Inflow; gossip: Inflow; asks: Inflow; answers: Inflow };
  flood: { frames: number; within: number };
}

export interface LinkConfig {
  /** Lowest and highest protocol version spoken (W4). */
  version: { min: number; max: number };
  maxLinks: number;
  maxRoomLinks: number;
  newcomersTaken: number;
  newcomersLetIn: number;
  maxListenLinks: number;
  maxNewcomerLinks: number;
  maxTemporary: number;
  maxTemporaryTaken: number;
  maxCalls: number;
  maxCallsSeen: number;
  maxHands: number;
  maxRooms: number;
  maxPending: number;
  maxCandidates: number;
  maxMembers: number;
  maxNonces: number;
  announceAgain: number;
  maxOffersPerNonce: number;
  maxFailures: number;
  maxGarbled: number;
  maxPayload: number;
  maxSdp: number;
  connectTimeout: number;
  callAgain: number;
  answerPatience: number;
  authTimeout: number;
  settle: number;
  nonceLifetime: number;
  retryMin: number;
  retryMax: number;
  retryNewcomer: number;
  holdOff: number;
  pingEvery: number;
  pingsMissed: number;
  clockJump: number;
  doubt: number;
  unneeded: number;
  handLife: number;
  handSkew: number;
  handQuiet: number;
  handConnect: number;
  arriving: number;
  vigilEvery: number;
  restartQuiet: number;
  maxRestartCandidates: number;
  crowd: number;
  crowdKept: number;
  crowdAsked: number;
  leaveAfter: { min: number; max: number };
  lookInEvery: number;
  lookInFor: number;
  callsInVain: number;
  fewLinks: number;
  maxRefused: number;
  inflow: InflowConfig;
}

export const LINK_CONFIG: LinkConfig = {
  version: { min: 1, max: 1 },
  /** DESIGN section 5: per device, about 0.5 MiB each (FACTS). Phones: see `LINK_FORMS`. */
  maxLinks: 24,
  /** The active view's maximum (DESIGN section 5). */
  maxRoomLinks: 8,
  /** Offers that a peer without any link gets on average from members that have enough: it needs one, and some are lost. */
  newcomersTaken: 4,
  /** …and where members only listen: newcomers are counted among them, and two hundred may be there at once. */
  newcomersLetIn: 16,
  /** Newcomers let in at once in a room where this device only listens; others are let in by other members. */
  maxListenLinks: 4,
  /** Of a newcomer to those who let it in: three share what it has to catch up with (S5), and one may not come up. */
  maxNewcomerLinks: 4,
  /** P9: asked for by this device at once. */
  maxTemporary: 2,
  /** Taken for others at once: half a device's links, so that fetching leaves the mesh its share. */
  maxTemporaryTaken: 12,
  /** Peers called at once. Membership dials one at a time and a few more when it lacks many (P4). */
  maxCalls: 16,
  /** Nonces of heeded calls: more than a device heeds in the minute in which they are of use to a replayer. */
  maxCallsSeen: 256,
  /** Offers by hand that wait for their answers; each holds a connection. */
  maxHands: 4,
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
  /** After an announce, the soonest that another follows: an offer takes about so long, and the newest four nonces count. */
  announceAgain: 200,
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
  /** R3: ten hops there and back, and a PeerConnection, take about 2 s. */
  callAgain: 3_000,
  /** An answer takes one round trip and a PeerConnection; a peer that announces anew after this never got our offer. */
  answerPatience: 3_000,
  authTimeout: 10_000,
  /** An announce that was under way while the link came up cannot list it yet. */
  settle: 2_000,
  nonceLifetime: 60_000,
  /** DESIGN section 5: retry 1 s doubling to 60 s. */
  retryMin: 1_000,
  retryMax: 60_000,
  /** Newcomers wait for a place with those who listen, which is free again within seconds. */
  retryNewcomer: 8_000,
  /** After this device's own node closed a link, so that it isn't opened again at once. */
  holdOff: 10_000,
  pingEvery: 5_000,
  pingsMissed: 3,
  /** Links wake the machine every 5 s; time that moves further than this was sleep. */
  clockJump: 30_000,
  /** How long links may take to answer after a sleep. */
  doubt: 5_000,
  /** P9. */
  unneeded: 10_000,
  /** R4: by the wall clock, and how wrong the clocks of two devices may be. */
  handLife: 24 * 3600_000,
  handSkew: 24 * 3600_000,
  /** No candidate for so long: browsers gather a host's in milliseconds, a server's within a second or two. */
  handQuiet: 2_000,
  /** From accepting on: the other side has waited for a while, and looks for a way anew. */
  handConnect: 30_000,
  /** Time to open a channel, to be let in and to catch up with some thousand entries (test/sim, late-join). */
  arriving: 5_000,
  /** Measured in Chromium: a connection whose pairs all stay unanswered fails after 13.6 s; one added each 8 s keeps it looking. */
  vigilEvery: 8_000,
  /** No candidate for so long: a host's come within milliseconds, and a path that is gone shall not wait for more. */
  restartQuiet: 300,
  /** In one message; browsers gather fewer than 20. */
  maxRestartCandidates: 24,
  /** K8: a room of more others than this is left until about `crowdKept` are in it, a handful for each of several newcomers. */
  crowd: 48,
  crowdKept: 32,
  /** Of a crowd, those who get an announce: four offers on average, none in one of a hundred. */
  crowdAsked: 16,
  leaveAfter: { min: 3_000, max: 10_000 },
  /** A thousand peers that look in this often for 20 s are 33 at a time. */
  lookInEvery: 600_000,
  lookInFor: 20_000,
  /** Whoever lacks neighbours calls up to 12 at once (P4), each for 10 s: so an island of three is sure of it within half a minute. */
  callsInVain: 6,
  /** The least that gossip wants (P2). While a third of a thousand flap all call in vain: those with links would take the seats of those without. */
  fewLinks: 4,
  /** Peers of whom it is remembered that links are refused: as many as standing is kept of. */
  maxRefused: 512,
  /** Frames that a link may bring (K10), each a token bucket. */
  inflow: {
    rates: {
      /** Of one type: a ping in 5 s, tags when a grove comes or goes, a join asked again every 3 s for each grove. */
      seldom: { perSecond: 10, burst: 100 },
      /** Of one type: each of 24 groves may tell every 50 ms, but seldom all at once; some hundred neighbours' walks come in bursts. */
      gossip: { perSecond: 200, burst: 1_000 },
      /** Some two for each small artifact: 2,800 a second can be taken in (bench, `ingest`), so that many may be asked for in a burst. */
      asks: { perSecond: 2_000, burst: 8_000 },
      /** 45 MB/s in blocks of 64 KiB are 700, and two for each small artifact: a device takes in no more than 2,800 a second. */
      answers: { perSecond: 5_000, burst: 10_000 },
    },
    /** Dropped within so long: honest devices keep under the rates above, and a slip of a burst is forgiven. */
    flood: { frames: 300, within: 10_000 },
  },
};

/** Kinds of device. Which one this is comes with its first page, after the machine was made. */
export type Form = 'desktop' | 'phone';

/** DESIGN section 5: a phone has a third of the links, and takes half of them for others, as all do. */
export const LINK_FORMS: Record<Form, Pick<LinkConfig, 'maxLinks' | 'maxTemporaryTaken'>> = {
  desktop: { maxLinks: LINK_CONFIG.maxLinks, maxTemporaryTaken: LINK_CONFIG.maxTemporaryTaken },
  phone: { maxLinks: 8, maxTemporaryTaken: 4 },
};
