// Waits until what this device wrote in a grove has reached somebody, before it leaves (SPEC A10). Knows nothing of what leaving is.
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';

/** What a grove begins with, and who is in it: without it nothing is lost that anybody made. */
const BARE: ReadonlySet<string> = new Set([
  'contract',
  'invite',
  'revoke-invite',
  'admit',
  'profile',
  'leave',
]);

/** Of this device's entries those that no other member acknowledged. */
export function unsentOf(core: Core, grove: Grove): number {
  const head = core.sync.log(grove.id)?.head(core.identity.keypair.id)?.seq ?? 0;
  return Math.max(0, head - grove.record.acknowledged);
}

/** Of these the ones that would be missed. */
export function worthOf(core: Core, grove: Grove): number {
  const self = core.identity.keypair.id;
  const log = core.sync.log(grove.id);
  let count = 0;
  for (let seq = log?.head(self)?.seq ?? 0; seq > grove.record.acknowledged; seq -= 1) {
    const entry = log?.at(self, seq);
    if (entry != null && !BARE.has(entry.kind)) count += 1;
  }
  return count;
}

/** Calls `then` once all is acknowledged, nobody is linked, the grove is gone, or `within` ms are over. */
export function drain(core: Core, grove: Grove, within: number, then: () => void): void {
  const { context } = core;
  const links = (): readonly string[] => core.peering.openLinks(grove.id);
  const isOver = (): boolean =>
    core.groves.get(grove.id) !== grove || unsentOf(core, grove) === 0 || links().length === 0;
  if (isOver()) return then();
  const end = context.elapsed() + within;
  const timer = core.timer('drain');
  // Looked at now and again, since links that go tell nobody here.
  const look = (): void => {
    if (isOver() || context.elapsed() >= end) {
      stop();
      context.schedule(timer, null, look);
      return then();
    }
    context.schedule(timer, Math.min(end, context.elapsed() + CONFIG.leave.look), look);
  };
  const stop = core.holdings.wait({
    met: isOver,
    done: () => {
      context.schedule(timer, null, look);
      then();
    },
  });
  // Asked what they hold: some may have it and not have said so.
  for (const link of core.peering.openLinks(grove.id)) core.sync.pipeline(grove.id)?.exchange.resync(link);
  context.schedule(timer, Math.min(end, context.elapsed() + CONFIG.leave.look), look);
}
