// What the wire between pages and the worker holds to, with reasons (times in ms).

/** A page's heartbeat; hidden pages are throttled to 1 s, then to a minute. */
export const PING_EVERY = 1_000;
/** A worker that says nothing for this long is gone: a killed one leaves its ports hanging without an event. */
export const WORKER_SILENT = 5_000;
/** A worker's first word takes the time of fetching and compiling its script. */
export const WORKER_STARTING = 15_000;
/** A visible page that sends no ping for this long carries no links (D3). */
export const TAB_SILENT = 3_000;
/** How often the worker looks for silent tabs. */
export const TAB_CHECK = 500;
/** A timer that comes this late tells of one's own sleep, not of the other side's. */
export const OVERSLEPT = 2_000;
/** Calls of one page that wait for answers. */
export const MAX_PENDING = 1_000;
/** Pages of one peer. */
export const MAX_TABS = 64;
/** After this long a person is told that another process holds the store. */
export const BUSY_AFTER = 3_000;
/** Bulk bytes of one link that a page may hold before the channel took them. */
export const BULK_CREDIT = 256 * 1024;
/** Inbound bytes of one link are acknowledged so many at a time: each message costs a turn of two threads. */
export const ACKNOWLEDGE = 512 * 1024;
/** What a frame counts at least while it waits for the worker: its message takes that much, however small it is. */
export const LEAST_WAITING = 2 * 1024;
/** What may wait in the worker for one link before it counts as stuck. */
export const MAX_LINK_QUEUE = 32 * 1024 * 1024;
/** Largest frame (W1). */
export const MAX_FRAME = 256 * 1024;
/** The tab that carries the links says how their packets go within this (ms), or it hangs. */
export const PATHS_WITHIN = 2_000;
