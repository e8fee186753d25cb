// The Links port over the simulated network. Descriptions are SDP as far as the link layer looks: one fingerprint, which
// here also names the end to connect to.
import type { LinkId } from '../../../worker/core/model/ids.ts';
import type { LinkEvent, Links } from '../../../worker/core/ports.ts';
import type { End, Network } from '../network.ts';
import type { Scheduler } from '../scheduler.ts';

/** Simulated ms that a browser takes to make a description. */
const DESCRIBE = 8;

export interface SimLinks extends Links {
  /** The page that carries links is gone: so are they. */
  closeAll(): void;
  setCarrier(present: boolean): void;
}

export function createSimLinks(options: {
  scheduler: Scheduler;
  network: Network;
  host: number;
  emit(event: LinkEvent): void;
}): SimLinks {
  const { scheduler, network, host, emit } = options;
  const ends = new Map<LinkId, End>();
  let carrier = true;

  function describe(end: End, type: 'offer' | 'answer'): void {
    const sdp = `v=0\r\na=fingerprint:${end.fingerprint}\r\n`;
    scheduler.after(DESCRIBE, () => {
      if (!end.gone) emit({ type: 'link-signal', link: end.link, data: JSON.stringify({ type, sdp }) });
    });
  }

  function forget(event: LinkEvent): void {
    if (event.type === 'link-closed') ends.delete(event.link);
    emit(event);
  }

  return {
    open(link, { initiator }) {
      if (!carrier) {
        scheduler.after(0, () => emit({ type: 'link-closed', link, reason: 'no page carries links' }));
        return;
      }
      const end = network.createEnd(host, link, forget);
      ends.set(link, end);
      if (initiator) describe(end, 'offer');
    },
    signal(link, data) {
      const end = ends.get(link);
      const { type, sdp } = JSON.parse(data) as { type: string; sdp?: string };
      const remote = /a=fingerprint:(.+)\r\n/.exec(sdp ?? '')?.[1];
      if (end === undefined || remote === undefined) return;
      if (type === 'offer') describe(end, 'answer');
      else network.connect(end, remote);
    },
    send(link, frame, lane) {
      const end = ends.get(link);
      if (end !== undefined) network.send(end, frame, lane);
    },
    close(link, reason) {
      const end = ends.get(link);
      if (end !== undefined) network.close(end, reason);
    },
    closeAll() {
      for (const end of [...ends.values()]) network.close(end, 'the page closed');
    },
    setCarrier(present) {
      carrier = present;
    },
  };
}
