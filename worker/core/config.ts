// Defaults of the core, each with its reason or source. Times in ms, sizes in bytes.

export const CONFIG = {
  sync: {
    /** Between vector exchanges on an open grove (DESIGN 5, "catching up"). */
    interval: 30_000,
    /** Spread of that interval, so that peers don't meet in step. */
    jitter: 0.25,
    /** Of one `entries` frame; leaves room for the largest single entry under the frame limit. */
    batchBytes: 120_000,
    /** Rows read from the store at once while answering a vector: about one batch of small entries. */
    batchEntries: 256,
    /** Bulk bytes of catch-up under way per link before waiting for the page to take them. */
    windowBytes: 512 * 1024,
    /** Staged per grove until their signature or parents come (SPEC S3): entries and their bytes, by all links together. */
    // A newcomer has half of it for one neighbour: hundreds of authors with two runs of 32 each, before the first can be applied.
    staged: { entries: 40_000, bytes: 32 * 1024 * 1024 },
    /** Received per link and grove, and waiting while others are verified and written; beyond, it counts as not held. */
    inbox: { frames: 256, bytes: 8 * 1024 * 1024 },
    /**
     * Entries of one link that nobody asked it for (SPEC S20): a hundred a second (issue 6), and at once as many as an import of some
     * thousand brings before anyone catches up. What is beyond is caught up with: looked for again after `again`. `asked`: what was
     * asked for and may come is counted up to this, what one vector may make a link be asked for.
     */
    unasked: { perSecond: 100, burst: 2_000, asked: 100_000, again: 1_000 },
    /** A push of more than this goes as bulk, so that it doesn't hold up what must be quick (DESIGN 5: payload up to 4 KiB). */
    pushBytes: 64 * 1024,
    /** Vectors answered to one link within this time; one more is answered at its end. */
    replies: { most: 8, within: 10_000 },
    /** What a neighbour applied lately makes the next round come this soon; each that brings nothing doubles it up to `most`. */
    rounds: { least: 1_000, most: 60_000 },
    /** A vector of more rows is compared by buckets: 256 rows are 20 KB, 64 hashes 2 KB. */
    bucketsFrom: 256,
    /** Of one link: between comparisons that it didn't ask for. */
    compareAgain: 2_000,
    /** Who asked for a vector at once compares as usual after this: some round trips. */
    answerWithin: 500,
    catchUp: {
      /** Entries asked for at once: some 150 KB. */
      slice: 256,
      /** On their way from each neighbour, so that none waits for a round trip: of one or two three, since two others fill 180 ms at 1.25 MB/s while one comes; of more two, for the shares. */
      window: { few: 3, shared: 2 },
      /** From so many on it is shared: it waits for others for so long, and of three or more none gives more than this share. */
      large: 1_000,
      gather: 1_000,
      share: { among: 3, most: 0.38 },
      /** A slice without progress for so long goes to others, and who had it is passed over. */
      patience: 5_000,
      passOver: 10_000,
      /** Parents that came apart are asked for every 2 s, 8 times: after 20 s what waits lacks something that nobody was asked for. */
      stuck: 20_000,
      look: 1_000,
      /** Counted of one author: a vector may claim anything. */
      most: 100_000,
    },
    /** Frames that one vector may take. */
    vectorFrames: 16,
    /** A signature is verified and kept at least at each such seq: runs can be cut there, and proofs of forks fit a frame (2 x 32 x 2 KiB). */
    signatureEvery: 32,
    /** Quiet after a catch-up before the other is told that it arrived. */
    confirmAfter: 250,
    /** After a gap was noticed, the time before asking the same link again. */
    askAgain: 2_000,
    /** A log whose rows went bad on the disk is read anew this often at most (SPEC S17): that takes seconds where it is long. */
    reread: 600_000,
    /**
     * Bytes of log, in a grove (SPEC S19). Later versions may raise them, never lower. `author`: some 200,000 contributions of
     * 1 KiB, more than all of any grove measured, and a fraction of what a browser gives a site (some GiB). `acts`: beyond it
     * for whatever is no contribution, tens of thousands. `grove`: twenty such authors; to read so much back takes minutes.
     */
    limits: { author: 256 * 1024 * 1024, acts: 16 * 1024 * 1024, grove: 4 * 1024 * 1024 * 1024 },
    /** Entries of our own that can't be read: until a person is told, some round trips to whoever holds them. */
    unreadableAfter: 10_000,
    /** Proofs of forks: asked of and given to one link in so long; kept waiting; and the time between two readings of the log on account of new ones, and of lower ones by the same authors. */
    forks: { perLink: { most: 16, within: 2_000 }, waiting: 64, settle: 2_000, settleLower: 20_000 },
    /** Staged beside the logs of authors who forked them, wanted by name: small, since few are. */
    aside: { entries: 1_024, bytes: 8 * 1024 * 1024 },
    /** How long one that says it holds more of our own log than we do is believed without showing it (SPEC S11). */
    claimFor: 30_000,
    /** Entries asked for by id (SPEC S3): in one frame, given for one frame, asked at once on behalf of one link; and how often before it is given up. */
    wantIds: { perFrame: 64, answered: 512, perLink: 256, tries: 8 },
  },
  broadcast: {
    /** Entries of more than this are told to all and pushed to none (DESIGN 5). */
    payload: 4 * 1024,
    /** Tells wait so long for others (DESIGN 5: IHAVE batch). */
    tellAfter: 50,
    /** What was told and did not come is asked for after twice the RTT, within these (DESIGN 5). */
    graft: { rtts: 2, least: 200, most: 400 },
    /**
     * What a way costs, in ms, besides the time that it takes: each hop, and each beyond `deep`; and by how much a told one
     * costs less than the eager one to change places (more than the jitter of a link), or to become eager as well (less of
     * it: shorter ways by random authors, and more copies). At 1,000 with 5 to 6 links each the fastest ways alone are 10
     * to 13 hops deep, these 7 or 8 and a tenth slower; the fewest hops, whichever they are, take a third longer.
     */
    shorter: { perHop: 20, deep: 6, perDeep: 100, swap: 15, add: 300 },
    /**
     * What came over so many links goes on by push only after this time, ms: from the author that the tree is turned for,
     * and from others. At 1,000 with 6 links each of which 12 a second are replaced, ways are 8 or 9 deep instead of 12 to
     * 14, and no later for 95 %; 100 ms leave 10, waiting from 6 on makes calm trees slower (test/unit/gossip/flood.ts).
     */
    hold: { from: 7, fromOthers: 12, ms: 200 },
    /** Pushes in vain, in a row, of one that was of use before, until it is pruned (same place: 1 makes ways of 30 hops by random authors, 8 a third more copies). */
    idle: 6,
    /** How long the author by whose entries the tree is judged may be silent until another takes its place. */
    rootFor: 120_000,
    /** Ids received and not applied, or applied lately, whose way here is remembered. */
    seen: 4_096,
    /** What was received and not applied for so long may come again. */
    forgetAfter: 30_000,
    /** Ids told and not here: beyond, they are left to catching up. */
    missing: 4_096,
    /** Of what came by catching up, so much at once is told on; more is found by the others' catching up. */
    tellMost: 64,
    /** A neighbour that goes on pushing what is here is pruned again after this. */
    pruneAgain: 1_000,
  },
  join: {
    /** A join frame without an answer is repeated on the same link after this time: newcomers of one moment are members soon. */
    retry: 3_000,
    /** Asked so often in vain, a link that serves no grove is given up for another. */
    asks: 3,
    /** Default life of an invite: a week is long enough to find it in one's mail. */
    inviteExpiry: 7 * 24 * 3600_000,
    /** An admission is written a moment after the invite was judged: so much later it still counts. */
    expiryGrace: 60_000,
    inviteUses: 10,
    maxInviteUses: 1_000,
    /** How long after its creation a lapsed invite is still answered, with the reason. */
    lapsedFor: 30 * 24 * 3600_000,
    /** Joining rooms a member listens in at once, newest invites first (endpoint limit: 64 rooms a connection). */
    maxRooms: 16,
    /** Keys that may wait to be let in by one invite at once, and never more than it has uses left: whoever has it has any number of keys. */
    waiting: 64,
    /** Characters of the reason that one who is not let in is told: it is sent to strangers. */
    reason: 500,
  },
  devices: {
    /** Vouches told to one link, the newest: a device has one, or two after its key was renewed. */
    asks: 4,
  },
  access: {
    /** Rows of bans and of invites that are listed at once. */
    listed: 1_000,
    /** Reports of one thing that are shown: more are counted. */
    shown: 20,
    /** How long rooms and tags of an earlier epoch are answered, to members only: who was away for longer needs a new invite (DESIGN 7). */
    epochFor: 30 * 24 * 3600_000,
    /** Rooms of earlier epochs that are listened in, the newest (endpoint limit: 64 rooms a connection). */
    rooms: 8,
    /** Secrets that are kept: 256 fit a record. */
    epochs: 128,
    /** Secrets that members handed over and the log doesn't name yet. */
    handed: 4,
  },
  links: {
    /** Links that announces ask for: enough to be in the mesh, where membership finds the rest (P4). More keep a crowd announcing. */
    want: 2,
    /** Listening in a joining room asks for no links of its own. */
    wantJoining: 1,
    /** Of those who let newcomers in, until the log is here: three share it (S5: `share.among`). */
    wantLetIn: 3,
    /** Between looks at which links are of use (SPEC P9). */
    lookEvery: 5_000,
    /** Looks that come so late were slept through. */
    clockJump: 30_000,
    /** A link over which something was fetched is kept so long for more. */
    fetchKeeps: 10_000,
    /** A temporary link comes about within this, or another holder is tried. */
    reachWithin: 12_000,
    /** Failed attempts in a row after which a peer is shown as `error`, with the reason (DESIGN 5). */
    giveUp: 10,
  },
  bodies: {
    /** Bodies asked for, or given, per frame. */
    asked: 64,
    /** Until all are asked after a contribution came without its body, so that a run asks once. */
    soon: 200,
    /** Until all are asked again. */
    again: 30_000,
    /** Bulk bytes under way on a link beyond which no more bodies are given. */
    window: 512 * 1024,
    /** SPEC M10: larger ones are blobs. */
    largest: 65_536,
  },
  cas: {
    /**
     * What a link may owe, or has brought that isn't stored yet (SPEC C10). `slack`: ms of its rate that wait at the other end, so that
     * it never runs dry, and it finds out where more would go through. `least`: two blocks. `most`: 80 MB/s at 50 ms, half of
     * what a page lets wait for its worker. `all`: four of the fastest. `count`: below what the other keeps in line.
     */
    window: {
      first: 1024 * 1024,
      least: 128 * 1024,
      most: 4 * 1024 * 1024,
      all: 16 * 1024 * 1024,
      block: 256 * 1024,
      count: 192,
      slack: 500,
      /** ms of which a rate is made: beyond the time between two transactions of the store. */
      measure: 250,
    },
    /** Of larger blobs it is asked who holds which blocks: of a smaller one a window is all there is. */
    haveFrom: 1024 * 1024,
    /** What was stored is told on after this, gathered: at 40 MB/s some 150 blocks. */
    tellAfter: 250,
    /** Blobs of which one link may ask to be told. */
    watches: 64,
    /** What is held of a blob that isn't being fetched is read from the store this seldom. */
    heldFor: 10_000,
    /** Towards the end: between looks at who is late; and how many times faster another must be to be asked as well. */
    endgame: { every: 250, times: 2 },
    /** The rate shown: over so long, in steps. */
    rate: { over: 5_000, step: 100 },
    /** Progress is told no more often. */
    tell: 250,
    /** A full disk is tried again after this, doubling (SPEC C12). */
    full: { first: 15_000, most: 300_000 },
    /** Transfers that wait for a source are looked at no more often: others' news may come by the thousand. */
    lookAgain: 100,
    /** Paused or cancelled by hand, remembered on disk: some 100 bytes each, read at the start in one step. */
    halts: 1_024,
    /** A source that owes blocks for this long is left for others (FACTS: stalls of 2 s occur). */
    requestTimeout: 30_000,
    /** One that timed out or lacked something is asked again after this, doubling: it may be fetching it itself. */
    retry: { first: 5_000, most: 600_000 },
    /** Of one blob, kept in mind while it is fetched or served: 16 GiB at 64 KiB. */
    maxBlocks: 262_144,
    /**
     * Received blocks are written together: so many bytes, or what came within so many ms. Each transaction costs several turns of
     * other processes and makes a file (SPEC D7).
     */
    write: { bytes: 1024 * 1024, within: 100 },
    /** Requests of one link kept in line; beyond, they are answered by `lack`. */
    serveQueue: 256,
    /** Blocks read from the store at once for one link: about a pack, those side by side in one are read as one. */
    serveRead: 16,
    /** Bulk bytes handed to one link and not yet taken by its channel. */
    serveWindow: 512 * 1024,
    /** Blobs fetched at once: many small ones share a round trip; of more than `large` few, since each keeps its plan in memory. */
    parallel: { all: 32, large: 4, largeFrom: 1024 * 1024 },
    /** Block lists kept decoded for serving. */
    listCache: 16,
  },
  storage: {
    /** Records, notes or rows looked at or deleted in one step: some milliseconds of IndexedDB. */
    rows: 500,
    /** Block lists at once: each up to 192 KiB. */
    lists: 16,
    /** What was used so lately is in use: longer than any read or answer of the store takes. */
    inUse: 60_000,
    /** Last use is noted this coarsely, and no more often than this (SPEC C13). */
    noteStep: 600_000,
    noteEvery: 60_000,
    /** From a retraction until bodies go: many that come together are one write. */
    dropAfter: 2_000,
    /** Others known to hold what may go. */
    copies: 1,
    /** Contributions whose holders are asked for at once, and how long they are given. */
    asked: 32,
    askFor: 3_000,
    /** From a change until budgets are looked at, and again while one is exceeded: holders may come. */
    soon: 500,
    again: 60_000,
    /** What would have to go is listed up to so many artifacts. */
    listed: 100,
    /** Looking through all that is stored (SPEC C17). */
    collectAfter: 120_000,
    collectEvery: 6 * 3600_000,
    partsFor: 24 * 3600_000,
    /** What is known of parts serves so long while artifacts go. */
    partsKnown: 5_000,
    looseFor: 3600_000,
    /** The browser's estimate (SPEC C19). Firefox and Chromium round it and answer in some milliseconds. */
    estimateEvery: 60_000,
    estimateBytes: 64 * 1024 * 1024,
    warnAbove: 0.9,
    calmBelow: 0.85,
    fetchBelow: 0.95,
    /** What goes where a write found the disk full: enough for some writes of blocks and of the log. */
    makeRoom: 64 * 1024 * 1024,
    /** Events are told once per burst. */
    told: 1_000,
  },
  verify: {
    /** Rows looked at in one step: at most 4 MiB, some milliseconds of hashing. */
    rows: 64,
    /** Blocks in one step: at most 4 MiB. */
    blocks: 16,
    /** Findings that are told one by one; the others are counted. */
    listed: 200,
    /** Between two words of how far it is (ms). */
    tell: 250,
    /** What was asked of others is waited for so long after the last that came: some round trips to each of eight. */
    patience: 15_000,
    /** A grove that is written to while it is derived anew is derived again, so often at most. */
    tries: 3,
    /** Contributions, of the newest, whose words and tags are looked for. */
    sample: 50,
    /** Contributions of one page. */
    page: 500,
  },
  fetch: {
    /** Between looks at a fetch. */
    tick: 1_000,
    /** Without anything coming for so long, a holder that is no neighbour is tried; a neighbour is asked to fetch it. */
    reachAfter: 1_000,
    askAfter: 4_000,
    /** Between neighbours that are asked, and how many are: each may pass the request on. */
    askEvery: 8_000,
    neighbours: 3,
    /** Links that such a request may go over: a mesh of a thousand is at most 9 across (issue 2: hops). */
    ttl: 8,
    /** A holder that brings nothing for so long is left for the next, and left alone for a minute (SPEC H5). */
    tryFor: 10_000,
    leaveAlone: 60_000,
    failures: 1_000,
    /** Nothing came and nobody is left to ask: given up. Long enough for links to come back when their tab goes. */
    giveUp: 20_000,
    /** Temporary links at once (DESIGN 5). */
    temporary: 2,
    /** Until one link is asked for the body again. */
    bodyAgain: 5_000,
    /** Fetched for others at once: by one neighbour, and in all. */
    perPeer: 8,
    proxied: 32,
    /** Fetches at once that nobody waits for are not begun beyond these. */
    jobs: 64,
  },
  policy: {
    /** The first so many of each ranking are the frontier (SPEC Y2). */
    frontier: 5,
    /** What was missing is looked for again: as long as a holder that failed is left alone. */
    again: 60_000,
    /** Contributions fetched in the background at once. */
    atOnce: 8,
  },
  digest: {
    /** A row lives so long (SPEC H3); one that claims more is refused. */
    life: 10 * 60_000,
    /** Of its life what is left when it is signed anew: long enough for the new one to be everywhere before the old ends. */
    renewLeft: 2 * 60_000,
    /** Signed for others within this part of the rest of its life, so that not all renew at once. */
    renewSpread: 90_000,
    /** Quiet after which rows are signed and sent, and the longest that others' news may delay them (SPEC H3). */
    quiet: 500,
    latest: 2_000,
    /** Between looks at what is held of the best; only what this device wrote is looked at sooner. */
    lookEvery: 5_000,
    /** A row whose values changed (one more adoption, say) is signed anew at most this often. */
    resign: 30_000,
    /** A neighbour gets all rows again no sooner than this, however it flaps (SPEC H3). */
    wholeEvery: 60_000,
    /** Best of each ranking that are signed for (DESIGN 5); twice as many are kept, so that one that goes has a successor. */
    best: 5,
    keep: 10,
    /** Rows kept in all, and holders of one CID (DESIGN 5). */
    rows: 100,
    holders: 16,
    /** Live holders that are enough: nobody else signs for it (SPEC H2). */
    enough: 3,
    /**
     * Wait before signing for what others published. A share of the members such that about four are in it signs
     * within `wait`, twice as many in each `doubling` after that, while too few are known: a row needs seconds to be
     * everywhere, so that a thousand who wait the same few seconds would all sign.
     */
    signers: 4,
    wait: 5_000,
    doubling: 10_000,
    /** Others' that are only recent are signed for if they still are after this: in a busy grove they aren't. */
    recent: 15_000,
    /** Rankings by metrics that the views here don't know. */
    strangeMetrics: 16,
    /** Of one row: places in rankings, and tags. */
    places: 24,
    tags: 16,
    /** Changed rows taken of one holder within a minute: one a second and a burst besides. */
    perHolder: 120,
    /** Rows under verification by one link. */
    verifying: 400,
    /** Holders of whom it is remembered which of their rows are over. */
    floors: 4_096,
    /** Of one frame; a row is at most 4 KiB. More than `controlBytes` goes as bulk. */
    batchBytes: 120_000,
    controlBytes: 16_384,
  },
  leave: {
    /** Until what this device wrote has reached somebody: a slow link brings its last entries in it. */
    drain: 10_000,
    /** Until somebody has its last word: on its way already, and without it others only see a member that is away. */
    goodbye: 2_000,
    /** Between looks at whether anybody is still linked. */
    look: 250,
  },
  standing: {
    /**
     * What each deed seen of a link's other end counts (SPEC P11); refused from `refused` on. Honest builds do none of them but by a bug
     * or a bad disk. A bad block costs as much as it takes to fetch it again from another. A signature or an entry may be wrong once
     * for each bug; that many are wrong is no bug. Lies alone make others preferred, and never refuse: who doesn't know that its disk is damaged looks alike.
     */
    points: {
      garbled: 25,
      flood: 25,
      'bad-block': 25,
      'bad-signature': 10,
      'bad-entry': 10,
      lie: 2,
    },
    /** Four bad blocks within minutes, or nine bad entries. */
    refused: 90,
    /** From one bad block on others are preferred, as links and as sources. */
    doubtful: 20,
    /** Each kind of deed counts once within this, so that one burst isn't a history. Lies: 87 points at most, with what is forgotten meanwhile. */
    once: { lie: 60_000, others: 1_000 },
    /** Of whom it is remembered that they lacked what they signed to hold. */
    lacked: 1_024,
    /** Half is forgotten after this: who was mended shall be of use again the same hour. */
    halfLife: 30 * 60_000,
    /** How long links are refused, doubling with each time, and for good never: that is a moderator's to say. */
    refuseFor: { first: 10 * 60_000, most: 24 * 3600_000 },
    /**
     * How long links are refused after any flood (SPEC K10). Setting a link up costs both ends tens of milliseconds of their processor, so
     * who comes back at once floods by that alone; a bug that floods once is back before anybody has missed much.
     */
    afterFlood: 30_000,
    /** What is left of the points after that: the next deeds count double, so to speak. */
    left: 50,
    /** Peers remembered, worst first: 512 rows of some 60 bytes. */
    peers: 512,
    /** Until it is noted on disk. */
    saveAfter: 5_000,
    /** Links that went, whose deeds may still be found out: signatures are verified later. */
    gone: 64,
  },
  presence: {
    /** A row lives so long (DESIGN 5); one that claims more is refused. Renewed at half of that, so that one renewal may be lost. */
    life: 60_000,
    renew: 30_000,
    /** Quiet after which rows are sent, so that those that come together go together. */
    quiet: 200,
    /** Between rows that this device signs: whoever changes it faster is told of with the last. */
    least: 5_000,
    /** Rows kept of a grove: more people than anyone looks at. */
    rows: 256,
    /** Taken of one signer within a minute: one each `least`, and a few for clocks and restarts. */
    perSigner: 16,
    /** Signers of whom the newest row is remembered, beyond its end. */
    signers: 4_096,
    /** Rows under verification by one link. */
    verifying: 256,
    /** A neighbour gets all rows again no sooner than this, however it flaps. */
    wholeEvery: 60_000,
    /** Characters of a note. */
    note: 256,
    /** Of one frame. More than `controlBytes` goes as bulk. */
    batchBytes: 60_000,
    controlBytes: 16_384,
  },
  api: {
    /** Remembered answers of calls with a request id (SPEC S2). */
    requests: 1_000,
    /** A burst of changes is told once (ms of quiet). */
    changedDebounce: 50,
    /** That others hold what is here as well is told at leisure. */
    holdersDebounce: 5_000,
    /** Default of `replicated`. */
    replicatedTimeout: 60_000,
    /** After which `fetch` stops waiting; the transfer goes on. */
    fetchTimeout: 120_000,
    maxTimeout: 3_600_000,
    /** Until what others acknowledged is noted on disk. */
    saveAfter: 2_000,
    /** Entries a link may ask to be told of. */
    maxWatches: 1_024,
    /** Artifacts of `stored`, and of `evict`, at once. */
    maxStored: 1_000,
    /** Entries looked through at once for an export. */
    exportPage: 500,
    /** Between steps of putting many contributions into the index of words: each takes some 20 ms. */
    prepareEvery: 20,
    /** Entries of `changes` at once. */
    maxChanges: 1_000,
  },
  glance: {
    /** Entries from which a first view is noted (SPEC G28): fewer are read back in less than a page takes to open. */
    from: 500,
    items: 50,
    /** Most bytes of it: some ten times what 50 usual contributions come to. */
    bytes: 512 * 1024,
    /** After a change: the first time, and from then on. */
    after: 3_000,
    every: 30_000,
  },
  claims: {
    /** Of one that says nothing else, and the share of it after which its device renews (SPEC G14, DESIGN 4). */
    lease: 300_000,
    renewAt: 1 / 3,
    /** Share of the lease after which a renewal that couldn't be written is tried again: ten seconds of the usual one. */
    retryAt: 1 / 30,
    /** How long after its end a claim of ours is watched: a rival's may come from a partition that lasted as long. */
    watch: 86_400_000,
    /** Claims of ours in one grove that are renewed after a restart. */
    most: 1_000,
  },
  trail: {
    /** Messages remembered per type (SPEC O1): 20 bytes each, so that all types together stay below 1 MB. */
    perType: 1_000,
    /** Until what passed is noted on disk. */
    writeEvery: 30_000,
    /** Of each type at once, the newest: a transfer's blocks must not push out all else. */
    perWrite: 256,
    /** On disk, all rows together. */
    maxBytes: 256 * 1024,
    /** Messages told at once. */
    maxListed: 50_000,
    listed: 200,
  },
  neighbourhood: {
    /** Between questions to one neighbour while somebody looks (SPEC P10): a drawing changes no faster than links do. */
    askEvery: 5_000,
    /** One neighbour is answered no sooner than this: two windows of one peer share their questions. */
    answerEvery: 2_000,
    /** What was told is as good as gone after this: six questions in a row without an answer. */
    forget: 30_000,
    /** What passed is counted no further back, however long nobody asked. */
    counted: 60_000,
    /** Links whose end is remembered, to tell people why. */
    ended: 32,
  },
  lag: {
    /** Between looks at how far linked peers are behind. */
    every: 30_000,
    /** Lag that only grew for so long is told (SPEC O3). */
    grows: 5 * 60_000,
    /** Authors told per peer, those with most to go first. */
    authors: 100,
  },
} as const;
