// Contributions that ask to be verified, and what others say who reproduced them (SPEC G21). Nobody's own word counts.
import type { Cid, PeerId } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import type { FoldOptions } from './acts.ts';
import { GRAPH } from './config.ts';
import type { Evidence } from './evidence.ts';
import { saidIn } from './metadata.ts';
import { comparePlaces } from './order.ts';
import { publishersOf } from './reviewers.ts';
import type { Publication } from './types.ts';

/** A person's word: the last reproduction of it that this person stands by. */
export interface Word {
  /** The person's device that signed it. */
  author: PeerId;
  /** The reproduction. */
  cid: Cid;
  /** `none`: neither, as `partial` says. */
  says: 'confirmed' | 'challenged' | 'none';
  /** A challenge: by whom it was answered, null while it isn't. */
  answeredBy: PeerId | null;
}
export interface Verification {
  state: 'pending' | 'confirmed' | 'challenged';
  /** How it is to be verified, as its author says. */
  how: string;
  /** k of n. */
  confirmed: number;
  quorum: number;
  /** Of each person one, by (lamport, id) of the reproduction. */
  words: Word[];
}

export interface VerificationSources extends Pick<FoldOptions, 'personOf' | 'roleOf'> {
  evidence: Evidence;
  /** What evaluators say of a contribution, each once. */
  outcomes: { of(target: Cid): readonly { author: PeerId; outcome: string }[] };
}

/** Null where it doesn't ask, asks for what can't be, is withdrawn, or has no body. */
export function verificationOf(
  { cid, manifest, withdrawn }: { cid: Cid; manifest: Manifest | null; withdrawn: boolean },
  sources: VerificationSources,
): Verification | null {
  const asked = manifest === null || withdrawn ? null : requestOf(manifest);
  if (asked === null) return null;
  const words = wordsOn(cid, sources);
  const confirmed = words.filter(({ says }) => says === 'confirmed').length;
  const open = words.some(({ says, answeredBy }) => says === 'challenged' && answeredBy === null);
  const state = open ? 'challenged' : confirmed >= asked.quorum ? 'confirmed' : 'pending';
  return { state, ...asked, confirmed, words };
}

function requestOf({ context }: Manifest): { how: string; quorum: number } | null {
  const asked = context !== undefined && Object.hasOwn(context, 'verify') ? context['verify'] : undefined;
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) return null;
  const how = Object.hasOwn(asked, 'how') ? asked['how'] : undefined;
  const quorum = Object.hasOwn(asked, 'quorum') ? asked['quorum'] : undefined;
  if (typeof how !== 'string' || how === '' || how.length > GRAPH.verify.how) return null;
  if (typeof quorum !== 'number' || !Number.isInteger(quorum)) return null;
  return quorum >= 1 && quorum <= GRAPH.verify.quorum ? { how, quorum } : null;
}

function wordsOn(cid: Cid, sources: VerificationSources): Word[] {
  const { evidence, personOf, roleOf } = sources;
  const own = publishersOf(cid, evidence, personOf);
  const last = new Map<PeerId, { place: Publication; cid: Cid; result: unknown }>();
  for (const { cid: reproduction, metadata, signed } of evidence.statements(cid, 'reproduces')) {
    const result = saidIn(metadata, 'result');
    for (const place of signed) {
      const [person, role] = [personOf(place.author), roleOf(place.author)];
      if (own.has(person) || role === null || role === 'reader') continue;
      const known = last.get(person);
      if (known === undefined || comparePlaces(known.place, place) < 0)
        last.set(person, { place, cid: reproduction, result });
    }
  }
  const inOrder = [...last.values()].sort((a, b) => comparePlaces(a.place, b.place));
  return inOrder.map(({ place, cid: reproduction, result }): Word => {
    const says = result === 'confirmed' || result === 'challenged' ? result : 'none';
    const answeredBy = says === 'challenged' ? answerTo(reproduction, own, sources) : null;
    return { author: place.author, cid: reproduction, says, answeredBy };
  });
}

/** By whom a challenge was rejected or invalidated who may: not who published it, nor who published what it challenges. */
function answerTo(
  challenge: Cid,
  challenged: ReadonlySet<PeerId>,
  sources: VerificationSources,
): PeerId | null {
  const { evidence, outcomes, personOf, roleOf } = sources;
  const challengers = publishersOf(challenge, evidence, personOf);
  const answer = outcomes.of(challenge).find(({ author, outcome }) => {
    const [person, role] = [personOf(author), roleOf(author)];
    if (outcome !== 'rejected' && outcome !== 'invalidated') return false;
    return (role === 'owner' || role === 'moderator') && !challengers.has(person) && !challenged.has(person);
  });
  return answer?.author ?? null;
}
