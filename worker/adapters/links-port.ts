// Links over the MessagePort of the page that carries them: two lanes per link, bulk against credit. It must not know
// what a frame means, nor which page it talks to.
import type { LinkId } from '../core/model/ids.ts';
import type { LinkEvent, Links } from '../core/ports.ts';
import type { Settings } from '../rpc/api.ts';
import { ACKNOWLEDGE, BULK_CREDIT, LEAST_WAITING, MAX_FRAME, MAX_LINK_QUEUE } from '../rpc/config.ts';
import type { FromCarrier, ToCarrier } from '../rpc/protocol.ts';

/** What concerns one link. */
type LinkMessage = Exclude<FromCarrier, { type: 'link-paths' }>;

export interface PortLinksOptions {
  /** Never called from within a call of ours. */
  onEvent(event: LinkEvent): void;
}

export type IceSettings = Pick<Settings, 'iceServers' | 'relayOnly'>;

export interface PortLinks extends Links {
  /** The page that carries links from now on; null: none. Links of the one before are closed. */
  setCarrier(post: ((message: ToCarrier, transfer?: Transferable[]) => void) | null): void;
  /** What the present carrier says. */
  receive(message: LinkMessage): void;
  /** For connections made from now on. Where only relays may be used from now on, those made before are closed (SPEC K9). */
  setIce(settings: IceSettings): void;
}

interface Link {
  bulk: ArrayBuffer[];
  queued: number;
  /** Bulk bytes the page holds. */
  outstanding: number;
  /** Inbound bytes that were taken, and of which the page has not heard. */
  taken: number;
  /** `close` was called; only `closed` is still to come. */
  closing: boolean;
}

export function createPortLinks(options: PortLinksOptions): PortLinks {
  const links = new Map<LinkId, Link>();
  let post: ((message: ToCarrier, transfer?: Transferable[]) => void) | null = null;
  let ice: IceSettings = { iceServers: [], relayOnly: false };

  /** Events of our own making come after the call that caused them: the driver takes one input at a time. */
  const tell = (event: LinkEvent): void => queueMicrotask(() => options.onEvent(event));

  const closed = (link: LinkId, reason: string): void => {
    if (links.delete(link)) tell({ type: 'link-closed', link, reason });
  };

  const pump = (id: LinkId, link: Link): void => {
    for (;;) {
      const frame = link.bulk[0];
      if (!frame || (link.outstanding > 0 && link.outstanding + frame.byteLength > BULK_CREDIT)) return;
      link.bulk.shift();
      link.queued -= frame.byteLength;
      link.outstanding += frame.byteLength;
      post?.({ type: 'link-send', link: id, frame, lane: 'bulk' }, [frame]);
    }
  };

  const stop = (id: LinkId, link: Link, reason: string): void => {
    link.closing = true;
    link.bulk = [];
    link.queued = 0;
    post?.({ type: 'link-close', link: id, reason });
  };

  return {
    open(link, { initiator }) {
      if (links.has(link)) return;
      links.set(link, { bulk: [], queued: 0, outstanding: 0, taken: 0, closing: false });
      if (post) post({ type: 'link-open', link, initiator, ...ice });
      else closed(link, 'no page carries links');
    },
    signal(link, data) {
      if (links.get(link)?.closing === false) post?.({ type: 'link-signal', link, data });
    },
    send(id, bytes, lane) {
      const link = links.get(id);
      if (!link || link.closing) return;
      if (bytes.byteLength > MAX_FRAME) {
        throw new RangeError(`frame: at most ${MAX_FRAME} bytes, given ${bytes.byteLength}`);
      }
      // A transfer takes the buffer away.
      const frame = bufferOf(bytes);
      if (lane === 'control') {
        post?.({ type: 'link-send', link: id, frame, lane }, [frame]);
        return;
      }
      link.bulk.push(frame);
      link.queued += frame.byteLength;
      if (link.queued > MAX_LINK_QUEUE) stop(id, link, 'the other side takes nothing');
      else pump(id, link);
    },
    close(id, reason) {
      const link = links.get(id);
      if (link && !link.closing) stop(id, link, reason);
    },
    setCarrier(next) {
      if (post) {
        // First: who hears of a lost link looks for another at once, and no page is there to make it.
        tell({ type: 'carrier', present: false });
        for (const link of [...links.keys()]) closed(link, 'the page that carried it is gone');
      }
      post = next;
      if (post) tell({ type: 'carrier', present: true });
    },
    receive(message) {
      const id = message.link as LinkId;
      const link = links.get(id);
      if (!link) return;
      switch (message.type) {
        case 'link-signal':
          if (!link.closing) options.onEvent({ type: 'link-signal', link: id, data: message.data });
          break;
        case 'link-open':
          if (!link.closing) {
            options.onEvent({ type: 'link-open', link: id, local: message.local, remote: message.remote });
          }
          break;
        case 'link-frame': {
          const bytes = Math.max(message.frame.byteLength, LEAST_WAITING);
          if (!link.closing) {
            options.onEvent({ type: 'link-frame', link: id, frame: new Uint8Array(message.frame) });
          }
          link.taken += bytes;
          if (link.taken < ACKNOWLEDGE) break;
          post?.({ type: 'link-ack', link: id, bytes: link.taken });
          link.taken = 0;
          break;
        }
        case 'link-credit': {
          const bytes = Math.min(message.bytes, link.outstanding);
          link.outstanding -= bytes;
          pump(id, link);
          if (bytes > 0 && !link.closing) options.onEvent({ type: 'link-drained', link: id, bytes });
          break;
        }
        case 'link-closed':
          links.delete(id);
          options.onEvent({ type: 'link-closed', link: id, reason: message.reason });
          break;
      }
    },
    setIce({ iceServers, relayOnly }) {
      const hides = relayOnly && !ice.relayOnly;
      ice = { iceServers, relayOnly };
      if (!hides) return;
      for (const [id, link] of links)
        if (!link.closing) stop(id, link, 'from now on links go through a relay');
    },
  };
}

/** These bytes and no others: their own buffer where they fill it. */
const bufferOf = (bytes: Uint8Array): ArrayBuffer => {
  const { buffer, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : bytes.slice().buffer;
};
