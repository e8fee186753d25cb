// What lives as long as a grove is looked at, whichever page of it: who is linked, who is at what, what is unread.
import { PeersState } from './peers.svelte.ts';
import { PresenceState } from './presence.svelte.ts';
import { Unread, type UnreadOptions } from './unread.svelte.ts';

export class LiveGrove {
  readonly peers: PeersState;
  readonly presence: PresenceState;
  readonly unread: Unread;

  constructor(options: UnreadOptions) {
    const { thicket, grove } = options;
    this.peers = new PeersState(thicket, grove);
    this.presence = new PresenceState(thicket, grove);
    this.unread = new Unread(options);
  }
  close(): void {
    for (const each of [this.peers, this.presence, this.unread]) each.close();
  }
}
