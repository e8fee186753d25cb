// The carrier's side of links: channels by link id, driven by the worker's messages. It must not know what
// a frame means, nor who decides about links.
import type { FromCarrier, ToCarrier } from '../../worker/rpc/protocol.ts';
import type { Channel, ChannelOptions } from './channel.ts';
import { LEAST_WAITING } from '../../worker/rpc/config.ts';
import { MAX_LINKS, MAX_UNACKNOWLEDGED } from './config.ts';
import type { PairStats } from './pair-stats.ts';

export interface LinkHostOptions {
  post(message: FromCarrier, transfer?: Transferable[]): void;
  createChannel(options: ChannelOptions): Channel;
}

/** One link: bytes over its candidate pairs, and what kind of ends the selected one has. */
export interface LinkStats extends PairStats {
  link: string;
}

export interface LinkHost {
  handle(message: ToCarrier): void;
  /** Links that have a selected candidate pair, in the order they were opened. */
  inspect(): Promise<LinkStats[]>;
  /** Destroys every connection; the other sides notice at once. */
  close(): void;
}

interface Hosted {
  channel: Channel;
  unacknowledged: number;
}

export function createLinkHost(options: LinkHostOptions): LinkHost {
  const post = (message: FromCarrier, transfer?: Transferable[]): void => options.post(message, transfer);
  const links = new Map<string, Hosted>();
  let carrying = false;
  /** Goes up when carrying ends. Another worker gives the same names anew: what is left of the old says nothing of them. */
  let term = 0;

  const destroyAll = (reason: string): void => {
    for (const hosted of [...links.values()]) hosted.channel.destroy(reason);
    links.clear();
    term++;
  };

  const receive = (link: string, frame: ArrayBuffer): void => {
    const hosted = links.get(link);
    if (!hosted) return;
    // Small ones by the thousand wait as well, and hold memory.
    hosted.unacknowledged += Math.max(frame.byteLength, LEAST_WAITING);
    if (hosted.unacknowledged > MAX_UNACKNOWLEDGED) {
      hosted.channel.destroy(`more than ${MAX_UNACKNOWLEDGED} bytes were waiting for the worker`);
      return;
    }
    post({ type: 'link-frame', link, frame }, [frame]);
  };

  const open = ({
    link,
    initiator,
    iceServers,
    relayOnly,
  }: Extract<ToCarrier, { type: 'link-open' }>): void => {
    const refuse = (reason: string): void => post({ type: 'link-closed', link, reason });
    if (!carrying || links.size >= MAX_LINKS) {
      refuse(carrying ? `at most ${MAX_LINKS} links` : 'this page carries no links');
      return;
    }
    // A worker never reuses a name; a second one would orphan the first's connection.
    if (links.has(link)) return;
    const opened = term;
    const tell = (message: FromCarrier): void => {
      if (opened === term) post(message);
    };
    try {
      const channel = options.createChannel({
        initiator,
        iceServers,
        relayOnly,
        onSignal: (data) => tell({ type: 'link-signal', link, data }),
        onOpen: (local, remote) => tell({ type: 'link-open', link, local, remote }),
        onFrame: (frame) => {
          if (opened === term) receive(link, frame);
        },
        onDrained: (bytes) => tell({ type: 'link-credit', link, bytes }),
        onClosed: (reason) => {
          if (opened === term) links.delete(link);
          tell({ type: 'link-closed', link, reason });
        },
      });
      links.set(link, { channel, unacknowledged: 0 });
    } catch (error) {
      refuse(`no connection could be made: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  const inspect = async (): Promise<LinkStats[]> => {
    const rows: LinkStats[] = [];
    for (const [link, { channel }] of [...links]) {
      const stats = await channel.inspect();
      if (stats) rows.push({ link, ...stats });
    }
    return rows;
  };

  /** A connection that is closed meanwhile can't be asked: then nothing is answered. */
  const tellPaths = (n: number): void => {
    inspect().then(
      (rows) => {
        const paths = rows.map(({ link, local, remote, protocol, rttMs }) => ({
          ...{ link, local, remote, protocol, rttMs },
        }));
        post({ type: 'link-paths', n, paths });
      },
      () => undefined,
    );
  };

  return {
    handle(message) {
      switch (message.type) {
        case 'carry':
          carrying = message.on;
          if (!carrying) destroyAll('another page carries the links');
          break;
        case 'link-open':
          open(message);
          break;
        case 'link-signal':
          links.get(message.link)?.channel.signal(message.data);
          break;
        case 'link-send':
          links.get(message.link)?.channel.send(message.frame, message.lane);
          break;
        case 'link-ack': {
          const hosted = links.get(message.link);
          if (hosted) hosted.unacknowledged = Math.max(0, hosted.unacknowledged - message.bytes);
          break;
        }
        case 'link-inspect':
          tellPaths(message.n);
          break;
        case 'link-close':
          links.get(message.link)?.channel.close(message.reason);
          break;
      }
    },
    inspect,
    close() {
      carrying = false;
      destroyAll('the page is going');
    },
  };
}
