// What the shell gives to every route through Svelte's context: the peer, and the states that live as long as the page.
import { createContext } from 'svelte';
import type { Router } from '../router.svelte.ts';
import type { ConnectionState } from './connection.svelte.ts';
import type { GrovesState } from './groves.svelte.ts';
import type { Incoming } from './incoming.svelte.ts';
import type { KeyWatch } from './key-watch.svelte.ts';
import type { OwnState } from './own.svelte.ts';
import type { PendingWork } from './pending.ts';
import type { Thicket } from './thicket.ts';
import type { Titles } from './titles.svelte.ts';

/** This tab, among others of the same peer. */
export interface Here {
  tab: string;
  worker: 'shared' | 'dedicated' | 'unknown';
}

export interface Shell {
  thicket: Thicket;
  router: Router;
  groves: GrovesState;
  /** All devices of this person. */
  own: OwnState;
  /** Whether a key is of this person; this device's own also before the others are known. */
  isOwn: (peer: string) => boolean;
  /** Whether this browser still has the key that it had. */
  key: KeyWatch;
  connection: ConnectionState;
  titles: Titles;
  pending: PendingWork;
  incoming: Incoming;
  here: () => Here;
  /** This tab lets go of its worker for good. */
  stop: () => void;
}

export const [getShell, setShell] = createContext<Shell>();
