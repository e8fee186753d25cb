// Bodies of acts of power (M15): roles, bans, what lifts them, handing a grove over, its next secret.
// Only their form: who may act, and which act stands, is access's to say.
import { asArray, asBytes, asBytesUpTo, asId, asOneOf, asText, asUint } from '../wire/cbor.ts';
import { RULE_READERS, isRuleKind, ruleFields } from './governing.ts';
import type { RuleBody } from './governing.ts';
import { idBytes, toEntryId, toHash, toPeerId } from './ids.ts';
import type { EntryId, Hash, PeerId } from './ids.ts';

/** The last entry of a log that counts, by who cuts it off there. */
export interface CutOff {
  /** 0: none counts. */
  seq: number;
  last: EntryId | null;
  /** Its author's signature of `last`, 64 bytes: nothing beyond is needed to verify the run that ends there. */
  proof: Uint8Array | null;
}
/** An author's log ends before `seq`. `last` and `proof` are of what stands there, where an act says it. */
export interface Cut {
  seq: number;
  last: EntryId | null;
  proof: Uint8Array | null;
}
export interface RoleBody extends CutOff {
  kind: 'role';
  target: PeerId;
  role: (typeof SETTABLE)[number];
  /** Role acts about the same target that it stands in the place of. */
  replaces: readonly EntryId[];
}
export interface BanBody extends CutOff {
  kind: 'ban';
  target: PeerId;
  reason: string;
}
export interface UnbanBody {
  kind: 'unban';
  target: PeerId;
  /** Bans. */
  lifts: readonly EntryId[];
  reason: string;
}
export interface HandoverBody {
  kind: 'handover';
  to: PeerId;
  /** Of the new owner: what it wrote up to here it wrote as what it was. */
  seq: number;
}
export interface RotateBody {
  kind: 'rotate';
  epoch: number;
  /** Hash of the secret. */
  commit: Hash;
  /** X25519, of this entry alone. */
  key: Uint8Array;
  boxes: readonly { peer: PeerId; sealed: Uint8Array }[];
}
export type PowerBody = RoleBody | BanBody | UnbanBody | HandoverBody | RotateBody | RuleBody;

export const SETTABLE = ['moderator', 'member', 'reader'] as const;
export const POWER_LIMITS = {
  reason: 4096,
  replaces: 64,
  /** Of 130 bytes at most each, in a body of 64 KiB. */
  boxes: 500,
  sealed: 96,
} as const;

type Fields = ReadonlyMap<string, unknown>;

function readCutOff(fields: Fields): CutOff | null {
  const seq = asUint(fields.get('seq'));
  const last = fields.get('last') === null ? null : asId(fields.get('last'), toEntryId);
  const proof = fields.get('proof') === null ? null : asBytes(fields.get('proof'), 64);
  if (seq === null || (last === null && fields.get('last') !== null)) return null;
  if (proof === null && fields.get('proof') !== null) return null;
  return { seq, last, proof };
}

function readIds(raw: unknown, least: number): EntryId[] | null {
  const ids = asArray(raw, POWER_LIMITS.replaces)?.map((each) => asId(each, toEntryId));
  const known = [...new Set(ids?.filter((id) => id !== null))];
  return ids === undefined || known.length < ids.length || known.length < least ? null : known;
}

function readBox(raw: unknown): RotateBody['boxes'][number] | null {
  const [key, bytes] = asArray(raw, 2) ?? [];
  const peer = asId(key, toPeerId);
  const sealed = asBytesUpTo(bytes, POWER_LIMITS.sealed);
  return peer === null || sealed === null ? null : { peer, sealed };
}

export const POWER_READERS: {
  readonly [kind in PowerBody['kind']]: (fields: Fields) => PowerBody | null;
} = {
  ...RULE_READERS,
  role: (fields) => {
    const target = asId(fields.get('target'), toPeerId);
    const role = asOneOf(fields.get('role'), SETTABLE);
    const cut = readCutOff(fields);
    const replaces = readIds(fields.get('replaces'), 0);
    if (target === null || role === null || cut === null || replaces === null) return null;
    return { kind: 'role', target, role, ...cut, replaces };
  },
  ban: (fields) => {
    const target = asId(fields.get('target'), toPeerId);
    const cut = readCutOff(fields);
    const reason = asText(fields.get('reason'), POWER_LIMITS.reason);
    if (target === null || cut === null || reason === null) return null;
    return { kind: 'ban', target, ...cut, reason };
  },
  unban: (fields) => {
    const target = asId(fields.get('target'), toPeerId);
    const lifts = readIds(fields.get('lifts'), 1);
    const reason = asText(fields.get('reason'), POWER_LIMITS.reason);
    if (target === null || lifts === null || reason === null) return null;
    return { kind: 'unban', target, lifts, reason };
  },
  handover: (fields) => {
    const to = asId(fields.get('to'), toPeerId);
    const seq = asUint(fields.get('seq'));
    return to === null || seq === null ? null : { kind: 'handover', to, seq };
  },
  rotate: (fields) => {
    const epoch = asUint(fields.get('epoch'));
    const commit = asId(fields.get('commit'), toHash);
    const key = asBytes(fields.get('key'), 32);
    const read = asArray(fields.get('boxes'), POWER_LIMITS.boxes)?.map(readBox) ?? [null];
    const boxes = read.filter((box) => box !== null);
    if (epoch === null || epoch < 1 || commit === null || key === null) return null;
    return boxes.length < read.length ? null : { kind: 'rotate', epoch, commit, key, boxes };
  },
};

const isRule = (body: PowerBody): body is RuleBody => isRuleKind(body.kind);
const cutFields = ({ seq, last, proof }: CutOff) => ({ seq, last: last && idBytes(last), proof });

export function powerFields(body: PowerBody): Record<string, unknown> {
  if (isRule(body)) return ruleFields(body);
  switch (body.kind) {
    case 'role':
      return {
        target: idBytes(body.target),
        role: body.role,
        ...cutFields(body),
        replaces: body.replaces.map(idBytes),
      };
    case 'ban':
      return { target: idBytes(body.target), ...cutFields(body), reason: body.reason };
    case 'unban':
      return { target: idBytes(body.target), lifts: body.lifts.map(idBytes), reason: body.reason };
    case 'handover':
      return { to: idBytes(body.to), seq: body.seq };
    case 'rotate': {
      const { epoch, commit, key, boxes } = body;
      return {
        epoch,
        commit: idBytes(commit),
        key,
        boxes: boxes.map(({ peer, sealed }) => [idBytes(peer), sealed]),
      };
    }
  }
}

export const isPowerKind = (kind: string): kind is PowerBody['kind'] => Object.hasOwn(POWER_READERS, kind);
