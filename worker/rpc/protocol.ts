// The wire between a page and the worker: two closed unions, versioned. Anything else is refused.
import type { ErrorCode } from '../core/model/errors.ts';
import type { EventName, Events, LinkPath, Method, Methods } from './api.ts';

/** Raised when a message below changes shape. Tabs of another version are told so and take no part. */
export const RPC_VERSION = 4;

export type FromPage =
  /** First message. `lock` is the Web Lock the page holds while it lives; `since` its age for carrier choice. */
  | {
      type: 'hello';
      version: number;
      tab: string;
      lock: string;
      visible: boolean;
      /** A device that is held in a hand: it keeps fewer links. */
      phone: boolean;
      since: number;
      origin: string;
    }
  | { type: 'visible'; visible: boolean }
  | { type: 'ping'; n: number }
  | { type: 'call'; id: number; method: Method; params: Methods[Method]['params']; requestId: string | null }
  | { type: 'bye' }
  | FromCarrier;

export type ToldEvent = { [Name in EventName]: { name: Name; payload: Events[Name] } }[EventName];

export type ToPage =
  | { type: 'welcome'; version: number; build: string }
  | { type: 'mismatch'; version: number; build: string }
  | { type: 'pong'; n: number }
  | { type: 'result'; id: number; value: Methods[Method]['result'] }
  | { type: 'error'; id: number; code: ErrorCode; message: string }
  | (ToldEvent & { type: 'event' })
  /** Several of one moment, in order. */
  | { type: 'events'; events: readonly ToldEvent[] }
  | ToCarrier;

/** What the page that hosts the links is told. */
export type ToCarrier =
  | { type: 'carry'; on: boolean }
  | {
      type: 'link-open';
      link: string;
      initiator: boolean;
      iceServers: { urls: string[]; username?: string; credential?: string }[];
      /** Only through a relay among these. */
      relayOnly: boolean;
    }
  | { type: 'link-signal'; link: string; data: string }
  /** Transferred. Bulk is posted against credit only. */
  | { type: 'link-send'; link: string; frame: ArrayBuffer; lane: 'control' | 'bulk' }
  /** So many inbound bytes were taken; the page counts what is unacknowledged. */
  | { type: 'link-ack'; link: string; bytes: number }
  | { type: 'link-close'; link: string; reason: string }
  /** How do the packets of each link go? Answered by `link-paths` with the same number. */
  | { type: 'link-inspect'; n: number };

/** What it tells. */
export type FromCarrier =
  | { type: 'link-signal'; link: string; data: string }
  | { type: 'link-open'; link: string; local: string; remote: string }
  | { type: 'link-frame'; link: string; frame: ArrayBuffer }
  /** So many bulk bytes were handed to the channel: credit returned. */
  | { type: 'link-credit'; link: string; bytes: number }
  | { type: 'link-closed'; link: string; reason: string }
  | { type: 'link-paths'; n: number; paths: LinkPath[] };
