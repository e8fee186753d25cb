// Every number of the signaling endpoint and of its client, with its reason. Knows no code.

/** A token bucket: so many at once, so many a second for long. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** What the room machine holds a connection, an address and a room to (SPEC E2, E3, E5). */
export interface RoomLimits extends Rate {
  readonly connections: number;
  readonly roomsPerConnection: number;
  readonly membersPerRoom: number;
  readonly messageBytes: number;
  readonly bytesPerToken: number;
  readonly refusalsBeforeClose: number;
  readonly connectionsPerAddress: number;
  readonly opensPerAddress: Rate;
  readonly address: Rate;
  readonly addresses: number;
  readonly room: Rate;
  readonly heartbeatMs: number;
  readonly missedPings: number;
}

/** One WebSocket message, whole. A sealed offer with all its candidates is under 8 KiB. */
export const MESSAGE_BYTES = 65_536;
/** A room per grove, per epoch that is still answered and per open invite. */
export const ROOMS_PER_CONNECTION = 64;
/** A newcomer needs a handful of members to enter the mesh, which grows by itself; and a broadcast costs this many sends. */
export const MEMBERS_PER_ROOM = 256;

export const ROOM_LIMITS: RoomLimits = {
  connections: 10_000, // a socket costs about 20 KiB, 64 rooms of 200 bytes 13 KiB: some 330 MiB at worst
  roomsPerConnection: ROOMS_PER_CONNECTION,
  membersPerRoom: MEMBERS_PER_ROOM,
  messageBytes: MESSAGE_BYTES,
  burst: 512, // rejoining 64 rooms and opening 24 links of a dozen messages each is some 350
  perSecond: 64, // with bytesPerToken: no connection makes the endpoint send more than 1 MiB/s for long
  bytesPerToken: 16_384,
  refusalsBeforeClose: 256, // four seconds' worth: an honest client that overran has noticed by then
  connectionsPerAddress: 512, // a campus or an office behind one address; one address can't fill the endpoint
  opensPerAddress: { burst: 512, perSecond: 16 }, // all of that campus at once after a restart, then a trickle
  address: { burst: 4096, perSecond: 512 }, // eight connections at their limit; 512 that re-enter cost some ten each
  addresses: 16_384, // remembered, of those without a connection too, until their buckets are full: 2 MiB
  room: { burst: 4096, perSecond: 256 }, // 64 MiB: 256 members enter and announce themselves to all at once; then 4 MiB/s
  heartbeatMs: 30_000, // under the 60 s after which common proxies drop an idle connection
  missedPings: 2, // SPEC E3
};

export const SERVER = {
  path: '/signal',
  slowBytes: 1_048_576, // 16 of the largest messages: who is that far behind will not catch up
  backlogBytes: 134_217_728, // of all connections together: 128 that are as far behind as one may be
  spareSockets: 512, // HTTP requests beside a full house of WebSockets
  closeGraceMs: 2_000, // for the other side's half of the closing handshake
  requestTimeoutMs: 30_000, // a request has no body: its head arrives at once or never
} as const;

/** Of endpoints that form one (SPEC E9). */
export const CLUSTER = {
  beatMs: 5_000,
  silentMs: 20_000, // four beats: the others take a node's members for gone
  nodes: 64, // heard of at a time: more than anybody runs
  queued: 10_000, // on their way to the carrier: some seconds' worth of a full endpoint
  retryMs: 100,
  retryMaxMs: 5_000, // full jitter, as of clients
} as const;

export const CLIENT = {
  endpoints: 8, // in an invite, of 2,048 characters in all, there is room for no more
  urlLength: 512,
  rooms: 1024, // wanted; those beyond the endpoint's 64 wait for a place
  connectTimeoutMs: 10_000, // a TLS handshake over a bad mobile network takes a few seconds
  testMs: 5_000, // a person waits for it: who takes longer is of no use as an endpoint
  backoffMs: 500,
  backoffMinMs: 100, // full jitter may draw nothing at all
  backoffMaxMs: 30_000, // so that all of a restarted endpoint's clients are back within 60 s
  heldMs: 30_000, // a connection that lasted this long was a good one: the doubling starts over
  askAgainMs: 8_000, // for rooms that were refused: who has found links leaves a full room within 3 to 10 s (SPEC K8)
  pingMs: 20_000,
  pongMs: 10_000,
  preferMs: 300_000, // on a lesser endpoint: how often the better ones are tried, lest peers stay on different ones
  queueBytes: 1_048_576, // unsent in the socket; signaling older than that is of no use to anybody
} as const;
