// Whether this device may use power in a grove, and on whom. Only asks.
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import type { Body } from '../model/body.ts';
import { ThicketError } from '../model/errors.ts';
import type { PeerId } from '../model/ids.ts';
import { checkMayWrite } from './api.ts';

/** `what` it would do. @throws ThicketError `not-member`, `forbidden` */
export function checkPower(
  core: Core,
  grove: Grove,
  kind: Body['kind'],
  what: string,
): 'owner' | 'moderator' {
  const role = grove.members.role(core.identity.keypair.id);
  if (role === 'owner' || role === 'moderator') {
    checkMayWrite(core, grove, kind);
    return role;
  }
  if (role === null) checkMayWrite(core, grove, kind);
  throw new ThicketError('forbidden', `role: only owner and moderators ${what}, not a ${role ?? 'stranger'}`);
}

/** @throws ThicketError `not-found` */
export function checkMember(grove: Grove, peer: PeerId): void {
  if (!grove.members.isMember(peer))
    throw new ThicketError('not-found', `peer: no member ${peer} in "${grove.name}"`);
}
