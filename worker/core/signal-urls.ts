// Which endpoints this device uses: those of its settings, else its own origin, and those that invites name. Knows no room.
import type { Core } from './core.ts';

export function configureSignal(core: Core): void {
  const { context, groves, settings } = core;
  const off = settings.discovery === 'hand';
  const own = core.origin === '' ? [] : [core.origin];
  const urls = settings.endpoints.length > 0 ? settings.endpoints : own;
  const hints = [...groves.values()].flatMap(({ record }) => record.invite?.endpoints ?? []);
  if (off !== (core.signal.state === 'off')) {
    core.setSignal({ state: off ? 'off' : 'connecting', url: null, reason: null });
  }
  context.effect({ type: 'signal-configure', urls: off ? [] : [...new Set([...urls, ...hints])] });
}
