// Which groves are open on a link, what this device may write in one, and what their logs say of a blob that is asked for.
import type { BlobClaim } from './cas/claims.ts';
import type { Core } from './core.ts';
import type { Grove } from './grove.ts';
import type { GroveId, Hash, LinkId } from './model/ids.ts';

export const isOpen = ({ sync }: Core, id: GroveId, link: LinkId): boolean =>
  sync.pipeline(id)?.exchange.opening(link) === 'full';

/** What the logs say of a blob, each once. */
export function claimsOf({ groves }: Core, blob: Hash): BlobClaim[] {
  const claims: BlobClaim[] = [];
  for (const grove of groves.values()) {
    for (const { root, size } of grove.blobs.get(blob)?.rows ?? []) {
      if (!claims.some((claim) => claim.root === root && claim.size === size)) claims.push({ root, size });
    }
  }
  return claims;
}

/** The first that is open there and names the blob by this root. */
export function groveFor(core: Core, link: LinkId, blob: Hash, root: Hash): GroveId | null {
  for (const [id, grove] of core.groves) {
    if (grove.blobs.get(blob)?.rows.some((row) => row.root === root) === true && isOpen(core, id, link))
      return id;
  }
  return null;
}

/** Whether this device's next entry may be of this kind. */
export function mayWrite(core: Core, grove: Grove, kind: string): boolean {
  const self = core.identity.keypair.id;
  const seq = (core.sync.log(grove.id)?.head(self)?.seq ?? 0) + 1;
  return grove.members.admits(self, kind, seq);
}
