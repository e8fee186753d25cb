// Whom admissions let in (SPEC A6, A13, A17): for the log, which takes what any of them allows that is not cut off, and for the
// views, where those count that come first by (lamport, id). Pure: told what there is, in any order.
import { compareEntries } from '../model/entry.ts';
import type { AdmitBody, InviteBody } from '../model/body.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import type { PowerSource } from './authority.ts';
import { placeOf, Words, type JoinRule, type Request, type RuleFrom, type Word } from './petitions.ts';

export type Source = PowerSource;

export interface Admit {
  source: Source;
  body: AdmitBody;
}

/** Counted, as what it was let in, whatever became of that since. */
export interface Admitted {
  peer: PeerId;
  role: AdmitBody['role'];
  name: string;
  box: Uint8Array;
  by: PeerId;
  at: number;
  /** The newest admission: who left before it is back. */
  newest: Source;
  first: Source;
}

interface Ground {
  /** In the grove without an admission: its founder, and whom acts of power name. */
  roots: Iterable<PeerId>;
  /** First seq of an author that is void. */
  cutOf(peer: PeerId): number;
}

/** By key what the log takes of it. Keys whose admissions are all void are in `void`. */
export function logRoles(
  admits: readonly Admit[],
  { roots, cutOf }: Ground,
): { roles: Map<PeerId, Set<AdmitBody['role']>>; void: Set<PeerId> } {
  const byAuthor = new Map<PeerId, Admit[]>();
  for (const admit of admits) {
    const mine = byAuthor.get(admit.source.author);
    if (mine === undefined) byAuthor.set(admit.source.author, [admit]);
    else mine.push(admit);
  }
  const roles = new Map<PeerId, Set<AdmitBody['role']>>();
  const seen = new Set(roots);
  const open = [...seen];
  for (let author = open.pop(); author !== undefined; author = open.pop()) {
    for (const { source, body } of byAuthor.get(author) ?? []) {
      if (source.seq >= cutOf(author)) continue;
      roles.set(body.key, (roles.get(body.key) ?? new Set()).add(body.role));
      if (seen.has(body.key)) continue;
      seen.add(body.key);
      open.push(body.key);
    }
  }
  return { roles, void: new Set(admits.map(({ body }) => body.key).filter((key) => !seen.has(key))) };
}

export interface Door {
  source: Source;
  body: InviteBody;
}

interface Rules extends Ground {
  invites: ReadonlyMap<EntryId, Door>;
  /** Whether it was raised above a reader since. */
  wasRaised(peer: PeerId): boolean;
  rankAt(peer: PeerId, seq: number): 'owner' | 'moderator' | null;
  /** What the contract asks for, from each place on. */
  rules: readonly RuleFrom[];
  words: Iterable<Word>;
  requests: Iterable<Request>;
  /** Closed by an act that lists what counts, and not this. */
  isShutOut(admit: Admit): boolean;
}

interface Counted {
  admitted: Map<PeerId, Admitted>;
  used: Map<EntryId, Admit[]>;
  /** What the contract asks for now. */
  rule: JoinRule;
  words: Words;
  /** Who asks, by those who may admit: of one key and invite the first. What was admitted unasked asks as well. */
  asking: Map<string, Request>;
}

/** Those that count: by (lamport, id), within an invite's uses, by who may admit. */
export function countedAdmissions(founder: PeerId, admits: readonly Admit[], rules: Rules): Counted {
  const admitted = new Map<PeerId, Admitted>();
  const asking = new Map<string, Request>();
  const words = new Words();
  /** Admissions that nobody with a say has said yes to, so far. */
  const unasked = new Map<string, Admit[]>();
  let rule: JoinRule = 'open';
  const used = new Map<EntryId, Admit[]>();
  const mayAdmit = ({ author, seq }: Source): boolean => {
    if (seq >= rules.cutOf(author)) return false;
    return (
      author === founder ||
      admitted.get(author)?.role === 'member' ||
      (admitted.has(author) && rules.wasRaised(author))
    );
  };

  function admit(given: Admit): void {
    const { source, body } = given;
    const invite = rules.invites.get(body.invite);
    if (invite === undefined || !mayAdmit(source) || !mayAdmit(invite.source) || rules.isShutOut(given))
      return;
    const known = admitted.get(body.key);
    if (known !== undefined || body.key === founder) {
      // Who left and was let in again is back, and uses nothing up.
      if (known !== undefined) known.newest = source;
      return;
    }
    const word = words.standing(body, rule === 'open' ? 'approval' : rule);
    if (word === null ? rule !== 'open' : !word.body.approved) {
      const at = placeOf(body);
      unasked.set(at, [...(unasked.get(at) ?? []), given]);
      ask({ source, body: { ...body, kind: 'request' } });
      return;
    }
    const uses = used.get(body.invite) ?? [];
    if (uses.length >= invite.body.uses) return;
    uses.push(given);
    used.set(body.invite, uses);
    admitted.set(body.key, {
      peer: body.key,
      // The invite says what it grants; an admission can't raise it.
      role: invite.body.role,
      ...{ name: body.name, box: body.box, by: source.author, at: source.at, newest: source, first: source },
    });
  }

  function ask(request: Request): void {
    const at = placeOf(request.body);
    if (mayAdmit(request.source) && !asking.has(at)) asking.set(at, request);
  }

  function say(word: Word): void {
    const { author, seq } = word.source;
    const rank = rules.rankAt(author, seq) ?? (mayAdmit(word.source) ? 'member' : null);
    if (rank === null) return;
    words.say(rank, word);
    const at = placeOf(word.body);
    const waiting = unasked.get(at) ?? [];
    unasked.delete(at);
    for (const each of waiting) admit(each);
  }

  const steps: { source: Source; run: () => void }[] = [
    ...admits.map((each) => ({ source: each.source, run: () => admit(each) })),
    ...Array.from(rules.requests, (each) => ({ source: each.source, run: () => ask(each) })),
    ...Array.from(rules.words, (each) => ({ source: each.source, run: () => say(each) })),
    ...rules.rules.map((each) => ({ source: each.source, run: () => void (rule = each.rule) })),
  ];
  for (const { run } of steps.sort((a, b) => compareEntries(a.source, b.source))) run();
  for (const [at, { body }] of asking) if (admitted.has(body.key) || body.key === founder) asking.delete(at);
  return { admitted, used, rule, words, asking };
}
