// Calls about what passed between this device and others (SPEC O1).
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { TrailFilter } from '../gossip/trail.ts';
import type { Call } from './api.ts';

export const trailCalls = (core: Core) => ({
  gossipLog(call: Call, filter: TrailFilter = {}): void {
    const limit = Math.min(filter.limit ?? CONFIG.trail.listed, CONFIG.trail.maxListed);
    call.reply(core.watch.list({ ...filter, limit }));
  },
});
