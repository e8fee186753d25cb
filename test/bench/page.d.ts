// What the bench puts into pages.
import type { ChannelHooks } from './channel-hooks.ts';
import type { Drawing, LongTask } from './screens/frames.ts';
import type { Shown } from './screens/list.ts';

declare global {
  interface Window {
    /** Of a page with raw.ts in it. */
    rawChannel?: RTCDataChannel;
    rawReceived?: { bytes: number; at: number; storedAt?: number };
    rawStore?: (message: ArrayBuffer) => void;
    /** Of a page with channel-hooks.ts in it. */
    channelHooks: ChannelHooks;
    /** When entries were applied here, ms since the epoch by the clock of the machine, by contribution. */
    appliedAt?: Record<string, number>;
    /** Of a page with `watchDrawing` in it. */
    drawing: Drawing;
    longTasks: LongTask[];
    counted: { frames: number; drawn: number; began: number; going: boolean };
    /** Of a page whose list is watched. */
    blanks: { frames: number; rows: number; most: number; jumps: number };
    shown?: Shown;
    /** What became of a fetch that began as soon as its contribution was known. */
    brought?: { known: number; first: number; verifying: number; done: number; error: string | null };
  }
}
