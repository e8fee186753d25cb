// Calls about groves: what this device knows of each, found, invite and join.
import type { BanAct } from '../access/authority.ts';
import { DEFAULT_POLICY } from '../access/policy.ts';
import { encodeRecord, erasedKey, recordKey, type GroveRecord } from '../access/record.ts';
import { sealInviteKey } from '../access/joins.ts';
import { CONFIG } from '../config.ts';
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { moderates, unanswered } from '../hidden.ts';
import { encodeBody } from '../model/body.ts';
import { ThicketError, unwrap } from '../model/errors.ts';
import { decodeInvite, encodeInvite, INVITE_KEY, type InviteLink } from '../model/invite.ts';
import { fingerprint } from '../model/keys.ts';
import { buildEntry } from '../sync/build.ts';
import { Log } from '../sync/log.ts';
import { asArray, asUint, decode } from '../wire/cbor.ts';
import { activeGrove, write, type Call } from './api.ts';
import { unsentOf } from './drain.ts';

interface Metric {
  name: string;
  direction: 'minimize' | 'maximize';
  unit?: string;
}

/** What the page shows of a grove that is read back, or still joining. */
export function groveInfo(core: Core, grove: Grove) {
  const self = core.identity.keypair.id;
  const { record, members } = grove;
  const log = core.sync.log(grove.id);
  const role = members.role(self);
  // Let in, but its own admission, or what it wrote before it left, is still on the way: until then it could write nothing.
  const own = log?.head(self)?.seq ?? 0;
  const [ban] = members.bansOf(self);
  const ended = members.persons.revoked(self);
  const arriving =
    record.state === 'active' &&
    ban === undefined &&
    ended === null &&
    (role === null || own < record.resumeFrom);
  return {
    id: grove.id,
    name: grove.name,
    description: grove.terms?.description ?? '',
    metrics: grove.terms?.metrics ?? [],
    state: arriving ? 'joining' : record.state,
    reason: record.reason,
    role,
    owner: members.owner,
    members: members.list().filter(({ left }) => !left).length,
    contributions: grove.views.counts().contributions,
    entries: log?.size ?? 0,
    links: core.peering.openLinks(grove.id).length,
    unsent: unsentOf(core, grove),
    ...(record.state === 'joining' && grove.waiting ? { waiting: true } : {}),
    ...asksFor(core, grove),
    ...(ban === undefined ? {} : { banned: bannedBy(grove, ban) }),
    ...(ended === null ? {} : { ended: { by: ended.source.author, at: ended.source.at } }),
  };
}

/** What somebody here may have to answer. */
function asksFor(core: Core, grove: Grove) {
  if (grove.record.state !== 'active') return {};
  const asking = unanswered(core, grove).length;
  const reports = moderates(core, grove) ? grove.members.moderation.open.length : 0;
  return { ...(asking === 0 ? {} : { asking }), ...(reports === 0 ? {} : { reports }) };
}

const bannedBy = ({ members }: Grove, { source, body }: BanAct) => ({
  ...{ id: source.id, by: source.author, byName: members.nameOf(source.author) },
  ...{ reason: body.reason, at: source.at },
});

export function groveCalls(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;

  const newRecord = (
    fields: Pick<GroveRecord, 'id' | 'state' | 'name' | 'secrets' | 'invite'>,
  ): GroveRecord => ({
    ...fields,
    reason: null,
    policy: DEFAULT_POLICY,
    fresh: fields.state === 'joining',
    pins: new Set(),
    acknowledged: 0,
    resumeFrom: 0,
  });

  function keepInvite(call: Call, invite: InviteLink, resumeFrom: number): void {
    const id = invite.grove;
    const joining = newRecord({ id, state: 'joining', name: invite.name, secrets: [], invite });
    const record = { ...joining, resumeFrom };
    context.write(
      [{ op: 'put', table: 'meta', key: recordKey(id), value: encodeRecord(record) }, ...call.note({ id })],
      'strict',
      (failure) => {
        if (failure !== null) return call.refuse(core.errorCode(failure.failure), failure.message);
        core.peering.groveAdded(core.addGrove(record));
        core.configureSignal();
        core.event('groves', {});
        call.reply({ id });
      },
    );
  }

  return {
    createGrove(call: Call, options: { name: string; description?: string; metrics?: Metric[] }): void {
      const body = encodeBody({
        kind: 'contract',
        nonce: context.random.bytes(16),
        name: options.name,
        description: options.description ?? '',
        metrics: options.metrics ?? [],
        ownerName: core.displayName(),
        box: identity.keypair.boxPublic,
      });
      const secrets = [{ epoch: 0, secret: context.random.bytes(32) }];
      const contract = { kind: 'contract', body, table: null, also: () => [], then: () => undefined };
      const entry = buildEntry(contract, new Log(), null, self, context.now());
      const id = entry.id as typeof entry.id & GroveRecord['id'];
      const record = newRecord({ id, state: 'active', name: options.name, secrets, invite: null });
      const grove = core.addGrove(record);
      core.sync.found(id, entry, {
        ...contract,
        also: () => [
          { op: 'put', table: 'meta', key: recordKey(id), value: encodeRecord(record) },
          ...call.note({ id }),
        ],
        then: (outcome) => {
          if ('entry' in outcome) {
            grove.finishReading();
            grove.loaded = true;
            core.peering.groveAdded(grove);
            core.event('groves', {});
            return call.reply({ id });
          }
          core.groves.delete(id);
          core.sync.remove(id);
          call.refuse(outcome.code, outcome.message);
        },
      });
    },

    invite(
      call: Call,
      id: string,
      options: { role?: 'member' | 'reader'; expiresIn?: number | null; uses?: number } = {},
    ): void {
      const grove = activeGrove(core, id);
      const secret = grove.record.secrets.at(-1)?.secret;
      if (secret === undefined) throw new ThicketError('not-member', 'grove: its secret is not here');
      const {
        expiresIn = CONFIG.join.inviteExpiry,
        uses = CONFIG.join.inviteUses,
        role = 'member',
      } = options;
      const expiresAt = expiresIn === null ? null : context.now() + expiresIn;
      const key = context.random.bytes(INVITE_KEY);
      const { endpoints } = core.settings;
      const link = { grove: grove.id, key, endpoints, inviter: self, name: grove.name, role, expiresAt };
      const url = `${core.origin}/${encodeInvite({ ...link, endpoints: endpoints.slice(0, 4) })}`;
      const sealed = sealInviteKey(key, secret, context.random);
      write(core, call, grove, { kind: 'invite', sealed, role, expiresAt, uses }, () => url);
    },

    previewInvite(call: Call, url: string): void {
      const link = unwrap(decodeInvite(url));
      call.reply({
        grove: link.grove,
        name: link.name,
        role: link.role,
        inviter: link.inviter,
        inviterFingerprint: fingerprint(link.inviter),
        expiresAt: link.expiresAt,
        endpoints: link.endpoints,
        member: core.groves.get(link.grove)?.record.state === 'active',
      });
    },

    join(call: Call, url: string): void {
      const invite = unwrap(decodeInvite(url));
      const known = core.groves.get(invite.grove);
      if (known?.record.state === 'active') return call.reply({ id: invite.grove });
      context.read('meta', [erasedKey(invite.grove)], (values) => {
        if (isFailure(values)) return call.refuse(core.errorCode(values.failure), values.message);
        keepInvite(call, invite, readErased(values[0] ?? null));
      });
    },
  };
}

/** Our newest seq when the grove was erased here, or 0. */
export function readErased(bytes: Uint8Array | null): number {
  const decoded = bytes && decode(bytes, { maxBytes: 64 });
  return (decoded?.ok ? asUint(asArray(decoded.value, 1)?.[0]) : null) ?? 0;
}
