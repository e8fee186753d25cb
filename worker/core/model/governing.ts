// Bodies of how a grove governs itself (M16): who asks to be let in and what is answered, reports, what is hidden, and
// who follows an owner. Only their form: whose word counts, and which stands, is access's to say.
import { asArray, asBytes, asId, asOneOf, asText, asUint } from '../wire/cbor.ts';
import { idBytes, toEntryId, toHash, toPeerId } from './ids.ts';
import type { EntryId, Hash, PeerId } from './ids.ts';

/** Who holds an invite and waits to be let in: what its admission will say of it, by the member whom it asked. */
export interface RequestBody {
  kind: 'request';
  invite: EntryId;
  key: PeerId;
  name: string;
  /** The joiner's X25519 key. */
  box: Uint8Array;
  /** As in `admit`: the joiner's own word. */
  proof: Uint8Array;
}
export interface ApproveBody {
  kind: 'approve';
  invite: EntryId;
  key: PeerId;
  /** False: it is not to be let in. */
  approved: boolean;
  reason: string;
}
/** A contribution by the hash of its body, or an entry that says something of its author (`profile`) by its id. */
export type Subject = { about: (typeof ABOUT)[number]; subject: Hash };
export interface ReportBody extends Subject {
  kind: 'report';
  reason: string;
}
export interface ModerateBody extends Subject {
  kind: 'moderate';
  word: (typeof MODERATE_WORDS)[number];
  /** Reports that this answers. */
  closes: readonly EntryId[];
  reason: string;
}
export interface SuccessorBody {
  kind: 'successor';
  /** Null: nobody. */
  to: PeerId | null;
}
/** A moderator's ballot: after the owner's entry `seq` the grove is to be `to`'s. */
export interface ElectBody {
  kind: 'elect';
  owner: PeerId;
  seq: number;
  to: PeerId;
}
/** Who was elected, or named, takes the grove over. */
export interface SucceedBody {
  kind: 'succeed';
  owner: PeerId;
  seq: number;
  ballots: readonly EntryId[];
}
/** Acts that only power gives weight: the log takes them from who has or had it. */
export type RuleBody = ModerateBody | SuccessorBody | ElectBody | SucceedBody;
export type PetitionBody = RequestBody | ApproveBody | ReportBody;

export const ABOUT = ['contribution', 'entry'] as const;
export const MODERATE_WORDS = ['hide', 'show', 'dismiss'] as const;
export const GOVERN_LIMITS = { name: 80, reason: 4096, closes: 64, ballots: 256 } as const;

type Fields = ReadonlyMap<string, unknown>;

function readIds(raw: unknown, most: number): EntryId[] | null {
  const ids = asArray(raw, most)?.map((each) => asId(each, toEntryId));
  const known = [...new Set(ids?.filter((id) => id !== null))];
  return ids === undefined || known.length < ids.length ? null : known;
}

function readSubject(fields: Fields): Subject | null {
  const about = asOneOf(fields.get('about'), ABOUT);
  const subject = asId(fields.get('subject'), toHash);
  return about === null || subject === null ? null : { about, subject };
}

const reasonOf = (fields: Fields): string | null => asText(fields.get('reason'), GOVERN_LIMITS.reason);

export const PETITION_READERS: {
  readonly [kind in PetitionBody['kind']]: (fields: Fields) => PetitionBody | null;
} = {
  request: (fields) => {
    const invite = asId(fields.get('invite'), toEntryId);
    const key = asId(fields.get('key'), toPeerId);
    const name = asText(fields.get('name'), GOVERN_LIMITS.name, 1);
    const box = asBytes(fields.get('box'), 32);
    const proof = asBytes(fields.get('proof'), 64);
    if (invite === null || key === null || name === null || box === null || proof === null) return null;
    return { kind: 'request', invite, key, name, box, proof };
  },
  approve: (fields) => {
    const invite = asId(fields.get('invite'), toEntryId);
    const key = asId(fields.get('key'), toPeerId);
    const approved = fields.get('approved');
    const reason = reasonOf(fields);
    if (invite === null || key === null || typeof approved !== 'boolean' || reason === null) return null;
    return { kind: 'approve', invite, key, approved, reason };
  },
  report: (fields) => {
    const subject = readSubject(fields);
    const reason = reasonOf(fields);
    return subject === null || reason === null ? null : { kind: 'report', ...subject, reason };
  },
};

export const RULE_READERS: { readonly [kind in RuleBody['kind']]: (fields: Fields) => RuleBody | null } = {
  moderate: (fields) => {
    const subject = readSubject(fields);
    const word = asOneOf(fields.get('word'), MODERATE_WORDS);
    const closes = readIds(fields.get('closes'), GOVERN_LIMITS.closes);
    const reason = reasonOf(fields);
    if (subject === null || word === null || closes === null || reason === null) return null;
    return { kind: 'moderate', ...subject, word, closes, reason };
  },
  successor: (fields) => {
    const to = fields.get('to') === null ? null : asId(fields.get('to'), toPeerId);
    return to === null && fields.get('to') !== null ? null : { kind: 'successor', to };
  },
  elect: (fields) => {
    const owner = asId(fields.get('owner'), toPeerId);
    const seq = asUint(fields.get('seq'));
    const to = asId(fields.get('to'), toPeerId);
    return owner === null || seq === null || to === null ? null : { kind: 'elect', owner, seq, to };
  },
  succeed: (fields) => {
    const owner = asId(fields.get('owner'), toPeerId);
    const seq = asUint(fields.get('seq'));
    const ballots = readIds(fields.get('ballots'), GOVERN_LIMITS.ballots);
    return owner === null || seq === null || ballots === null
      ? null
      : { kind: 'succeed', owner, seq, ballots };
  },
};

export function petitionFields(body: PetitionBody): Record<string, unknown> {
  switch (body.kind) {
    case 'request':
      return {
        ...{ invite: idBytes(body.invite), key: idBytes(body.key), name: body.name },
        ...{ box: body.box, proof: body.proof },
      };
    case 'approve': {
      const { invite, key, approved, reason } = body;
      return { invite: idBytes(invite), key: idBytes(key), approved, reason };
    }
    case 'report':
      return { about: body.about, subject: idBytes(body.subject), reason: body.reason };
  }
}

export function ruleFields(body: RuleBody): Record<string, unknown> {
  switch (body.kind) {
    case 'moderate': {
      const { about, subject, word, closes, reason } = body;
      return { about, subject: idBytes(subject), word, closes: closes.map(idBytes), reason };
    }
    case 'successor':
      return { to: body.to && idBytes(body.to) };
    case 'elect':
      return { owner: idBytes(body.owner), seq: body.seq, to: idBytes(body.to) };
    case 'succeed':
      return { owner: idBytes(body.owner), seq: body.seq, ballots: body.ballots.map(idBytes) };
  }
}

export const isRuleKind = (kind: string): kind is RuleBody['kind'] => Object.hasOwn(RULE_READERS, kind);
export const isPetitionKind = (kind: string): kind is PetitionBody['kind'] =>
  Object.hasOwn(PETITION_READERS, kind);
