// What the page side of links holds to, with reasons. Sources: FACTS.md (measured), DESIGN sections 2 and 5.

/** Largest message a data channel carries between browsers. */
export const MAX_FRAME = 256 * 1024;
/** Bulk stops above this, and resumes below half of it; larger windows stall a fresh connection for about 2 s. */
export const BULK_HIGH = 64 * 1024;
/**
 * On a slow channel less is buffered: what it takes in so many ms, since control waits behind it. With a part of a frame
 * on top that stays well below the 150 ms that a new entry may take (issue 3).
 */
export const BULK_WAIT = 40;
export const BULK_LEAST = 8 * 1024;
/** What bulk the channel took is told so many bytes at a time, or where none waits: half of what the page may hold. */
export const TELL_DRAINED = 128 * 1024;
/** A bulk frame that takes longer than this (ms) goes in parts, with control frames between them; and the smallest of those. */
export const PART_WAIT = 30;
export const PART_LEAST = 4 * 1024;
/** Control overtakes bulk but must not fill the 16 MiB after which `send` throws. */
export const CONTROL_HIGH = 1024 * 1024;
/** What may wait in the page for one channel. Bulk comes against credit, so only a flood gets here. */
export const MAX_QUEUED = 8 * 1024 * 1024;
/**
 * Inbound bytes the worker has not acknowledged; beyond them the link is closed. A worker that is busy for a moment finds
 * all that it asked for: at most 4 MiB of blocks (SPEC C10), and catch-up. Beyond twice that nobody asked.
 */
export const MAX_UNACKNOWLEDGED = 8 * 1024 * 1024;
/** A path that is gone this long is looked for anew by the side that made the offer (ms)… */
export const RESTART_AFTER = 2_000;
/** …and again where that brought nothing: the message may have been lost. */
export const RESTART_AGAIN = 5_000;
/** A path that is gone this long will not come back (ms). */
export const DISCONNECTED_LIMIT = 15_000;
/** How long a closing channel may take to hand over what it was given (ms). */
export const CLOSING_LIMIT = 1_000;
/** Largest signal (an SDP with many candidates is about 4 KiB). */
export const MAX_SIGNAL = 64 * 1024;
/** Links of one device, and headroom for those that are being replaced. */
export const MAX_LINKS = 64;
