// Whether a STUN or TURN server answers: one connection that goes nowhere gathers candidates by it alone. Knows no peer; what it
// finds of addresses is not kept.

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}
export interface IceResult {
  /** Its address, without user and password. */
  url: string;
  kind: 'stun' | 'turn';
  ok: boolean;
  /** Until the answer, or until it was given up. */
  ms: number;
  /** ms since the epoch. */
  at: number;
  /** What the browser says went wrong. */
  reason: string | null;
}

/** A connection to nobody. */
export interface Gathering {
  start(): Promise<void>;
  close(): void;
}
export interface GatheringEvents {
  /** `type` as in a candidate: `host`, `srflx`, `relay`; null: there are no more. */
  onCandidate(type: string | null): void;
  onError(text: string): void;
}
export interface IceTestOptions {
  gather(server: IceServer, relayOnly: boolean, events: GatheringEvents): Gathering;
  now(): number;
  after(ms: number, callback: () => void): () => void;
}

/** A server that takes longer is of no use: an attempt at a link has 10 s (SPEC K3). */
export const ICE_TEST_WITHIN = 8_000;

export const kindOf = (url: string): IceResult['kind'] => (/^turns?:/i.test(url) ? 'turn' : 'stun');

/** Always resolves. A TURN server is asked for a relay, a STUN server for the address it sees. */
export function testIce(server: IceServer, url: string, options: IceTestOptions): Promise<IceResult> {
  const kind = kindOf(url);
  const started = options.now();
  const wanted = kind === 'turn' ? 'relay' : 'srflx';
  return new Promise((resolve) => {
    let gathering: Gathering | null = null;
    let said: string | null = null;
    let ended = false;
    const end = (ok: boolean): void => {
      if (ended) return;
      ended = true;
      giveUp();
      gathering?.close();
      const at = options.now();
      resolve({ url, kind, ok, ms: Math.round(at - started), at, reason: ok ? null : said });
    };
    const failed = (error: unknown): void => {
      said = error instanceof Error ? error.message : String(error);
      end(false);
    };
    const giveUp = options.after(ICE_TEST_WITHIN, () => end(false));
    try {
      gathering = options.gather({ ...server, urls: [url] }, kind === 'turn', {
        onCandidate(type) {
          if (type === null) end(false);
          else if (type === wanted) end(true);
        },
        onError(text) {
          said = text;
        },
      });
      gathering.start().catch(failed);
    } catch (error) {
      failed(error);
    }
  });
}

/** With the browser's own connection. */
export const browserIceTest = (server: IceServer, url: string): Promise<IceResult> =>
  testIce(server, url, {
    gather(only, relayOnly, { onCandidate, onError }) {
      const connection = new RTCPeerConnection({
        iceServers: [only],
        iceTransportPolicy: relayOnly ? 'relay' : 'all',
      });
      connection.onicecandidate = ({ candidate }) => {
        const isLast = candidate === null || candidate.candidate === '';
        onCandidate(isLast ? null : (candidate.type ?? / typ (\w+)/.exec(candidate.candidate)?.[1] ?? ''));
      };
      connection.onicecandidateerror = ({ errorCode, errorText }) =>
        onError(`${errorCode} ${errorText}`.trim());
      return {
        async start() {
          connection.createDataChannel('test');
          await connection.setLocalDescription();
        },
        close() {
          connection.onicecandidate = null;
          connection.onicecandidateerror = null;
          connection.close();
        },
      };
    },
    now: () => Date.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  });
