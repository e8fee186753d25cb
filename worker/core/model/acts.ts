// Bodies of acts on contributions and of what a grove settles: claims, outcomes, votes, profiles, settings (M14).
// Only their form: who counts, and which of several stands, is the views' to say.
import { asArray, asId, asOneOf, asText, asUint } from '../wire/cbor.ts';
import { canonicalJson, parseCanonicalJson } from './json.ts';
import type { Json } from './json.ts';
import { idBytes, toEntryId, toHash } from './ids.ts';
import type { EntryId, Hash } from './ids.ts';

/** `target` is the body hash of a contribution, here and in all acts. */
export interface ClaimBody {
  kind: 'claim';
  target: Hash;
  act: (typeof CLAIM_ACTS)[number];
  /** Of `claim`: the act that it ends, null for the first. Of the others: the claim that they belong to. */
  of: EntryId | null;
  /** ms from the entry's `at` for which it holds; 0 for `release` and `complete`. */
  lease: number;
  note: string;
}
export interface OutcomeBody {
  kind: 'outcome';
  target: Hash;
  outcome: (typeof OUTCOMES)[number];
  reason: string;
}
export interface VoteBody {
  kind: 'vote';
  target: Hash;
  vote: (typeof VOTES)[number];
}
export interface ProfileBody {
  kind: 'profile';
  name: string;
  /** Of an image. */
  avatar?: Hash;
  description?: string;
  /** What its device or agent offers to do. */
  capabilities?: readonly string[];
}
export interface SettingBody {
  kind: 'setting';
  /** `contract.` and a part of the contract, `prompt/` and an id, `setting/` and a name; others are kept. */
  key: string;
  /** Undefined: taken away. */
  value: Json | undefined;
  /** Entries that it stands in the place of. */
  replaces: readonly EntryId[];
}
export type ActBody = ClaimBody | OutcomeBody | VoteBody | ProfileBody | SettingBody;

export const CLAIM_ACTS = ['claim', 'renew', 'release', 'complete'] as const;
export const OUTCOMES = ['accepted', 'rejected', 'crashed', 'invalidated'] as const;
export const VOTES = ['up', 'down', 'none'] as const;

/** Lengths are in UTF-16 code units. */
export const ACT_LIMITS = {
  name: 80,
  note: 4096,
  /** A day: who works longer renews. */
  lease: 86_400_000,
  capabilities: 32,
  capability: 64,
  key: 128,
  /** Leaves room for the key and what is replaced in a body of 64 KiB. */
  value: 57_344,
  replaces: 64,
} as const;

type Fields = ReadonlyMap<string, unknown>;

export const ACT_READERS: { readonly [kind in ActBody['kind']]: (fields: Fields) => ActBody | null } = {
  claim: (fields) => {
    const target = asId(fields.get('target'), toHash);
    const act = asOneOf(fields.get('act'), CLAIM_ACTS);
    const of = fields.get('of') === null ? null : asId(fields.get('of'), toEntryId);
    const lease = asUint(fields.get('lease'), ACT_LIMITS.lease);
    const note = asText(fields.get('note'), ACT_LIMITS.note);
    if (target === null || act === null || lease === null || note === null) return null;
    if (of === null && (act !== 'claim' || fields.get('of') !== null)) return null;
    const holds = act === 'claim' || act === 'renew';
    return holds === lease > 0 ? { kind: 'claim', target, act, of, lease, note } : null;
  },
  outcome: (fields) => {
    const target = asId(fields.get('target'), toHash);
    const outcome = asOneOf(fields.get('outcome'), OUTCOMES);
    const reason = asText(fields.get('reason'), ACT_LIMITS.note);
    if (target === null || outcome === null || reason === null) return null;
    return { kind: 'outcome', target, outcome, reason };
  },
  vote: (fields) => {
    const target = asId(fields.get('target'), toHash);
    const vote = asOneOf(fields.get('vote'), VOTES);
    return target === null || vote === null ? null : { kind: 'vote', target, vote };
  },
  profile: (fields) => {
    const name = asText(fields.get('name'), ACT_LIMITS.name, 1);
    const body: ProfileBody | null = name === null ? null : { kind: 'profile', name };
    if (body === null) return null;
    // The first builds wrote a name and nothing else.
    if (fields.has('avatar')) {
      const avatar = asId(fields.get('avatar'), toHash);
      if (avatar === null) return null;
      body.avatar = avatar;
    }
    if (fields.has('description')) {
      const description = asText(fields.get('description'), ACT_LIMITS.note, 1);
      if (description === null) return null;
      body.description = description;
    }
    if (fields.has('capabilities')) {
      const capabilities = readCapabilities(fields.get('capabilities'));
      if (capabilities === null) return null;
      body.capabilities = capabilities;
    }
    return body;
  },
  setting: (fields) => {
    const key = asText(fields.get('key'), ACT_LIMITS.key, 1);
    const text = fields.has('value') ? asText(fields.get('value'), ACT_LIMITS.value, 1) : undefined;
    const value = text == null ? { ok: true as const, value: undefined } : parseCanonicalJson(text);
    const replaces = asArray(fields.get('replaces'), ACT_LIMITS.replaces)?.map((raw) => asId(raw, toEntryId));
    if (key === null || text === null || !value.ok || replaces === undefined) return null;
    const known = [...new Set(replaces.filter((id) => id !== null))];
    if (known.length < replaces.length) return null;
    return { kind: 'setting', key, value: value.value, replaces: known };
  },
};

function readCapabilities(raw: unknown): string[] | null {
  const read = asArray(raw, ACT_LIMITS.capabilities)?.map((each) => asText(each, ACT_LIMITS.capability, 1));
  const known = read?.filter((each) => each !== null);
  return known === undefined || known.length < (read?.length ?? 0) ? null : known;
}

/** What is encoded. Values are JSON in its canonical form, so that unknown fields survive and equal values are equal bytes. */
export function actFields(body: ActBody): Record<string, unknown> {
  switch (body.kind) {
    case 'claim': {
      const { target, act, of, lease, note } = body;
      return { target: idBytes(target), act, of: of && idBytes(of), lease, note };
    }
    case 'outcome':
      return { target: idBytes(body.target), outcome: body.outcome, reason: body.reason };
    case 'vote':
      return { target: idBytes(body.target), vote: body.vote };
    case 'profile': {
      const { name, avatar, description, capabilities } = body;
      return {
        name,
        ...(avatar === undefined ? {} : { avatar: idBytes(avatar) }),
        ...(description === undefined ? {} : { description }),
        ...(capabilities === undefined ? {} : { capabilities: [...capabilities] }),
      };
    }
    case 'setting': {
      const { key, value, replaces } = body;
      return {
        key,
        ...(value === undefined ? {} : { value: canonicalJson(value) }),
        replaces: replaces.map((id) => idBytes(id)),
      };
    }
  }
}

export const isActKind = (kind: string): kind is ActBody['kind'] => Object.hasOwn(ACT_READERS, kind);
