// Presence of all groves beside their members and links (SPEC G26). A grove's part begins with its first row or neighbour, and ends with
// the grove. Knows neither rows nor who asks.
import type { Core, PeerLink } from './core.ts';
import { createPresence, type KeptPresence, type PresenceMachine } from './gossip/presence.ts';
import type { Presence } from './gossip/presence-row.ts';
import type { Grove } from './grove.ts';
import type { GroveId, LinkId } from './model/ids.ts';
import type { WireSignedRow } from './wire/frame.ts';

export type Presences = ReturnType<typeof createPresences>;

export function createPresences(core: Core) {
  const { context, identity } = core;
  const parts = new Map<GroveId, PresenceMachine>();

  function part(grove: Grove): PresenceMachine {
    const known = parts.get(grove.id);
    if (known !== undefined) return known;
    const machine = createPresence({
      grove: grove.id,
      self: identity.keypair.id,
      context,
      isMember: (peer) => grove.members.isMember(peer),
      sign: (message) => context.signatures.sign(message, identity.keypair.seed),
      eager: () => (grove.record.policy.gossip === 'on' ? core.eagerLinks(grove.id) : []),
      changed: () => core.changedPresence(grove.id),
    });
    parts.set(grove.id, machine);
    return machine;
  }

  return {
    set: (grove: Grove, said: Presence | null): void => part(grove).set(said),
    own: (grove: Grove): Presence | null => parts.get(grove.id)?.own() ?? null,
    list: (grove: Grove): KeptPresence[] => parts.get(grove.id)?.list() ?? [],

    receive: (link: PeerLink, grove: Grove, rows: readonly WireSignedRow[]): void =>
      part(grove).receive(link.link, rows),

    /** The other end of a link became a neighbour in a grove, or is none any more. */
    setNeighbour(id: GroveId, { link, peer }: PeerLink, active: boolean): void {
      if (active) parts.get(id)?.activated(link, peer);
      else parts.get(id)?.gone(link);
    },

    linkGone(link: LinkId): void {
      for (const machine of parts.values()) machine.gone(link);
    },

    /** This device leaves the grove: it says so, and nothing after that. */
    end(id: GroveId): void {
      parts.get(id)?.end();
      parts.delete(id);
    },
  };
}
