// Calls of owner and moderators: roles, bans, handing over, the next secret, and which invites stand (SPEC A11-A15).
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { BODY_LIMITS, encodeBody, type Body } from '../model/body.ts';
import type { Entry } from '../model/entry.ts';
import { ThicketError } from '../model/errors.ts';
import { toEntryId, idBytes, type EntryId, type LinkId, type PeerId } from '../model/ids.ts';
import { fingerprint } from '../model/keys.ts';
import { POWER_LIMITS, type CutOff, type RoleBody } from '../model/powers.ts';
import type { Invite } from '../access/folding.ts';
import { decodeRow } from '../sync/row.ts';
import { readRows } from '../sync/stored.ts';
import { activeGrove, checkMayWrite, groveOf, write, type Call } from './api.ts';
import { checkMember, checkPower } from './rank.ts';
import type { Turns } from './turns.ts';

/** `whenLoaded`: once what is stored of a grove was read back. */
export function powerCalls(core: Core, turns: Turns, whenLoaded: (grove: Grove, run: () => void) => void) {
  const { context } = core;
  const self = core.identity.keypair.id;

  /** @throws ThicketError `forbidden`, `invalid`, `not-found` */
  function checkTarget(grove: Grove, peer: PeerId, rank: 'owner' | 'moderator'): void {
    const { members } = grove;
    if (peer === self) throw new ThicketError('invalid', 'peer: a member other than this device');
    const role = members.role(peer);
    if (role === null && !members.isBanned(peer) && !members.counts(peer))
      throw new ThicketError('not-found', `peer: no member ${peer} in "${grove.name}"`);
    if (role === 'owner') throw new ThicketError('forbidden', 'peer: nobody acts on the owner');
    if (role === 'moderator' && rank !== 'owner')
      throw new ThicketError('forbidden', 'peer: only the owner acts on moderators');
  }

  /** The last entry of an author that is here, with its signature: what cuts off there proves what stands below. */
  function cutOffAt(call: Call, grove: Grove, peer: PeerId, then: (cut: CutOff) => void): void {
    const head = core.sync.log(grove.id)?.head(peer) ?? null;
    if (head === null) return then({ seq: 0, last: null, proof: null });
    readRows(grove.id, [head], context, ([found]) =>
      call.attempt(() => {
        const row = found == null ? null : decodeRow(found.row);
        then({ seq: head.seq, last: head.id, proof: row?.ok === true ? row.value.signature : null });
      }),
    );
  }

  /** The last of the grove that a banned one gets: its ban (SPEC A14). */
  function tell(
    grove: Grove,
    link: LinkId,
    { entry, signature }: { entry: Entry; signature: Uint8Array },
    body: Uint8Array,
  ): void {
    if (!core.links.has(link)) return;
    const entries = [{ header: entry.header, signature, body, table: null }];
    context.send(link, { type: 'entries', grove: grove.id, why: 'want', hops: 0, entries }, 'control');
  }

  /** All devices of a person, those that others vouched for first: nobody is void for a moment in between. */
  const devicesOf = ({ members }: Grove, peer: PeerId): PeerId[] =>
    members.persons.devices(peer).toSorted((a, b) => members.since(b) - members.since(a));

  /** Of all of them before anything is written: that may have the log read anew. */
  function cutOffs(
    call: Call,
    grove: Grove,
    devices: readonly PeerId[],
    then: (cuts: { target: PeerId; cut: CutOff }[]) => void,
    cuts: { target: PeerId; cut: CutOff }[] = [],
  ): void {
    const target = devices[cuts.length];
    if (target === undefined) return then(cuts);
    cutOffAt(call, grove, target, (cut) => cutOffs(call, grove, devices, then, [...cuts, { target, cut }]));
  }

  type Written = { entry: Entry; signature: Uint8Array; body: Uint8Array };

  /** One after the other; the last of them notes that the call is done. */
  function writeAll(
    call: Call,
    grove: Grove,
    acts: readonly Body[],
    then: (written: Written[]) => void,
    written: Written[] = [],
  ): void {
    const act = acts[written.length];
    if (act === undefined) return then(written);
    const body = encodeBody(act);
    core.sync.append(grove.id, {
      kind: act.kind,
      body,
      table: null,
      also: () => (written.length === acts.length - 1 ? call.note(null) : []),
      then: (outcome) => {
        if ('entry' in outcome)
          call.attempt(() => writeAll(call, grove, acts, then, [...written, { ...outcome, body }]));
        else call.refuse(outcome.code, outcome.message);
      },
    });
  }

  const inviteState = (grove: Grove, invite: Invite, now: number) => {
    const { source } = invite;
    const opened = grove.invites.all(grove.members, grove.secrets).find(({ id }) => id === source.id);
    const refusal = grove.members.refusal(invite, now);
    if (refusal !== null) return refusal;
    return opened?.current === true ? ('open' as const) : ('rotated' as const);
  };

  return {
    setRole(call: Call, id: string, target: string, role: RoleBody['role']): void {
      const grove = activeGrove(core, id);
      const peer = target as PeerId;
      turns.take(grove, call, (last) => {
        const rank = checkPower(core, grove, 'role', 'set roles');
        checkTarget(grove, peer, rank);
        const { members } = grove;
        if (members.role(peer) === null)
          throw new ThicketError('forbidden', `peer: ${members.nameOf(peer)} is banned; unban first`);
        if (role === 'moderator' && rank !== 'owner')
          throw new ThicketError('forbidden', 'role: only the owner makes moderators');
        // A person is what all of its devices are.
        const devices = devicesOf(grove, peer).filter(
          (each) => each !== self && members.role(each) !== null && members.role(each) !== role,
        );
        const standing = (each: PeerId) =>
          (members.powers?.standing(each) ?? []).map(({ source }) => source.id);
        cutOffs(last, grove, devices, (cuts) => {
          const acts = cuts.map(({ target, cut }): Body => {
            const replaces = standing(target).slice(0, POWER_LIMITS.replaces);
            return { kind: 'role', target, role, ...cut, replaces };
          });
          writeAll(last, grove, acts, () => last.reply(null));
        });
      });
    },

    ban(call: Call, id: string, target: string, options: { reason?: string } = {}): void {
      const grove = activeGrove(core, id);
      const peer = target as PeerId;
      turns.take(grove, call, (last) => {
        checkTarget(grove, peer, checkPower(core, grove, 'ban', 'ban'));
        // Whom it is about is the person: each of its devices that is known here.
        const devices = devicesOf(grove, peer).filter((each) => !grove.members.isBanned(each));
        if (devices.length === 0) return last.reply(null);
        const { reason = '' } = options;
        cutOffs(last, grove, devices, (cuts) => {
          // The grove closes to them as the bans are applied.
          const links = cuts.map(({ target }) => core.peering.linkTo(grove.id, target));
          const acts = cuts.map(({ target, cut }): Body => ({ kind: 'ban', target, ...cut, reason }));
          // The bans stand whatever becomes of the rotation, which keeps from the banned one what comes.
          writeAll(last, grove, acts, (written) => {
            written.forEach((each, at) => {
              const link = links[at];
              if (link != null) tell(grove, link, each, each.body);
            });
            whenLoaded(grove, () =>
              core.rotating.rotate(grove, (failure) => {
                if (failure === null) last.reply(null);
                else
                  last.refuse(
                    failure.code,
                    `banned, but the grove's secret is not changed yet: ${failure.message}`,
                  );
              }),
            );
          });
        });
      });
    },

    unban(call: Call, id: string, target: string, options: { reason?: string } = {}): void {
      const grove = activeGrove(core, id);
      const peer = target as PeerId;
      turns.take(grove, call, (last) => {
        const rank = checkPower(core, grove, 'unban', 'lift bans');
        const devices = devicesOf(grove, peer).reverse();
        const banned = devices.filter((each) => grove.members.isBanned(each));
        const bans = banned.flatMap((each) => grove.members.powers?.bans(each) ?? []);
        if (bans.length === 0)
          throw new ThicketError('not-found', `peer: ${peer} is not banned from "${grove.name}"`);
        const isOwners = bans.some(
          ({ source }) => grove.members.roleAt(source.author, source.seq) === 'owner',
        );
        if (isOwners && rank !== 'owner')
          throw new ThicketError('forbidden', 'peer: only the owner lifts what the owner banned');
        const acts = banned.map((target): Body => {
          const ids = (grove.members.powers?.bans(target) ?? []).map(({ source }) => source.id);
          const lifts = ids.slice(0, POWER_LIMITS.replaces);
          return { kind: 'unban', target, lifts, reason: options.reason ?? '' };
        });
        writeAll(last, grove, acts, () => last.reply(null));
      });
    },

    bans(call: Call, id: string): void {
      const grove = groveOf(core, id);
      const { members } = grove;
      const rows = members.bans().flatMap(({ peer, bans }) =>
        bans.map(({ source, body }) => ({
          ...{ id: source.id, peerId: peer, name: members.nameOf(peer), fingerprint: fingerprint(peer) },
          ...{ by: source.author, byName: members.nameOf(source.author), reason: body.reason },
          ...{ at: source.at, seq: body.seq },
        })),
      );
      call.reply(rows.slice(0, CONFIG.access.listed));
    },

    handover(call: Call, id: string, target: string): void {
      const grove = activeGrove(core, id);
      const peer = target as PeerId;
      turns.take(grove, call, (last) => {
        const rank = checkPower(core, grove, 'handover', 'hand a grove over');
        if (rank !== 'owner') throw new ThicketError('forbidden', 'role: only the owner hands a grove over');
        checkTarget(grove, peer, rank);
        checkMember(grove, peer);
        const seq = core.sync.log(grove.id)?.head(peer)?.seq ?? 0;
        write(core, last, grove, { kind: 'handover', to: peer, seq });
      });
    },

    rotate(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      turns.take(grove, call, (last) => {
        checkPower(core, grove, 'rotate', 'change the secret');
        core.rotating.rotate(grove, (failure, epoch) => {
          if (failure === null) last.reply({ epoch });
          else last.refuse(failure.code, failure.message);
        });
      });
    },

    invites(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      const { members } = grove;
      const newest = members.invites().toSorted((a, b) => b.source.lamport - a.source.lamport);
      call.reply(
        newest.slice(0, CONFIG.access.listed).map((invite) => ({
          ...{ id: invite.source.id, by: invite.source.author, byName: members.nameOf(invite.source.author) },
          ...{
            role: invite.body.role,
            expiresAt: invite.body.expiresAt,
            uses: invite.body.uses,
            used: invite.used,
          },
          ...{ state: inviteState(grove, invite, context.now()), at: invite.source.at },
        })),
      );
    },

    revokeInvite(call: Call, id: string, entry: string): void {
      const grove = activeGrove(core, id);
      checkMayWrite(core, grove, 'revoke-invite');
      const { members } = grove;
      const known = members.invites().find(({ source }) => source.id === entry);
      if (known === undefined)
        throw new ThicketError('not-found', `id: no invite ${entry} in "${grove.name}"`);
      const role = members.role(self);
      if (known.source.author !== self && role !== 'owner' && role !== 'moderator')
        throw new ThicketError(
          'forbidden',
          `role: a ${role ?? 'stranger'} withdraws only what it issued itself`,
        );
      if (known.revoked) return call.reply(null);
      const invite: EntryId = toEntryId(idBytes(known.source.id));
      const keeps = members.admittedBy(invite);
      const listed = keeps.length <= BODY_LIMITS.keeps ? { keeps } : {};
      write(core, call, grove, { kind: 'revoke-invite', invite, ...listed });
    },
  };
}
