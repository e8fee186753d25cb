// What the page offers to tests: the scripting surface, and what tests put there themselves.
import type {} from '../../public/thicket.d.ts';
import type { Flooding } from './flooder.ts';

declare global {
  interface Window {
    /** RTCPeerConnections that the page made, by harness.ts. */
    madeConnections: RTCPeerConnection[];
    /** Of a page with flooder.ts in it: channels it ever sent on, and how its flood goes. */
    keptChannels: Set<RTCDataChannel>;
    connectionOf: WeakMap<RTCDataChannel, RTCPeerConnection>;
    flooding: Flooding;
    /** ms of turns of a page's loop, by flooder.ts. */
    turns: number[];
    /** Payloads heard since, by the name under which harness.ts keeps them. */
    heard?: Record<string, unknown[]>;
    /** When a link was back, ms since the page's time origin. */
    returnedAt?: number;
    /** Tells the test what the page is called, by privacy.e2e.ts. */
    tellTitle(title: string): Promise<void>;
    /** Every address the page showed from its first moment. */
    addressesSeen: string[];
    /** Does as the system does when it launches the app, by launch.e2e.ts. */
    launch(params: { targetURL: string; text?: string }): void;
  }
}
