// Whom admissions let in (SPEC A6, A13, A17): for the log, which takes what any of them allows that is not cut off, and for the
// views, where those count that come first by (lamport, id). Pure: told what there is, in any order.
import { CONFIG } from '../config.ts';
import { compareEntries } from '../model/entry.ts';
import type { AdmitBody, InviteBody } from '../model/body.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import type { PowerSource } from './authority.ts';
import { Persons, type RevokeAct, type VouchAct } from './persons.ts';
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
  /** Let in by the word of another device of the same person: what it calls itself. */
  device: string | null;
}

interface Ground {
  /** In the grove without an admission: its founder, and whom acts of power name. */
  roots: Iterable<PeerId>;
  /** First seq of an author that is void. */
  cutOf(peer: PeerId): number;
  /** The one that vouches is banned, and the other is not (A21). */
  isSplit({ by, key }: { by: PeerId; key: PeerId }): boolean;
}

/** By key what the log takes of it. Keys whose admissions are all void are in `void`. */
export function logRoles(
  admits: readonly Admit[],
  vouches: readonly VouchAct[],
  { roots, cutOf, isSplit }: Ground,
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
  const ground = new Set(seen);
  const reach = (key: PeerId): void => {
    if (seen.has(key)) return;
    seen.add(key);
    open.push(key);
  };
  const follow = (): void => {
    for (let author = open.pop(); author !== undefined; author = open.pop()) {
      for (const { source, body } of byAuthor.get(author) ?? []) {
        if (source.seq >= cutOf(author)) continue;
        roles.set(body.key, (roles.get(body.key) ?? new Set()).add(body.role));
        reach(body.key);
      }
    }
  };
  follow();
  // What one device may write another may: until no vouch adds anything.
  for (let more = vouches.length > 0; more;) {
    more = false;
    for (const { source, body } of vouches) {
      const { by, key } = body;
      if (!seen.has(by) || !seen.has(source.author) || source.seq >= cutOf(source.author) || isSplit(body))
        continue;
      const known = roles.get(key) ?? new Set();
      const before = known.size;
      for (const role of ground.has(by) ? (['member'] as const) : (roles.get(by) ?? [])) known.add(role);
      roles.set(key, known);
      if (known.size === before && seen.has(key)) continue;
      more = true;
      reach(key);
      follow();
    }
  }
  const named = [...admits, ...vouches].map(({ body }) => body.key);
  return { roles, void: new Set(named.filter((key) => !seen.has(key))) };
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
  revokes: readonly RevokeAct[];
  /** Made a reader, by what stands. */
  isDemoted(peer: PeerId): boolean;
  /** Makes an owner of its device: it counts whoever carried it. */
  isHeir(vouch: VouchAct): boolean;
}

interface Counted {
  persons: Persons;
  admitted: Map<PeerId, Admitted>;
  used: Map<EntryId, Admit[]>;
  /** What the contract asks for now. */
  rule: JoinRule;
  words: Words;
  /** Who asks, by those who may admit: of one key and invite the first. What was admitted unasked asks as well. */
  asking: Map<string, Request>;
}

/** Those that count: by (lamport, id), within an invite's uses, by who may admit. */
export function countedAdmissions(
  founder: PeerId,
  admits: readonly Admit[],
  vouches: readonly VouchAct[],
  rules: Rules,
): Counted {
  const persons = new Persons();
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

  const counts = (peer: PeerId): boolean => peer === founder || admitted.has(peer);
  function vouch(act: VouchAct): void {
    const { source, body } = act;
    const { by, key, box, name: device } = body;
    const carries = mayAdmit(source) || source.author === by || source.author === key || rules.isHeir(act);
    if (!carries || source.seq >= rules.cutOf(source.author) || !counts(source.author) || !counts(by)) return;
    // What another device ended before vouches for nobody any more.
    const earlier = rules.revokes.filter((revoke) => compareEntries(revoke.source, source) < 0);
    if (earlier.some((each) => each.body.target === by) && persons.endedBy(earlier).has(by)) return;
    if (rules.isSplit(body) || !persons.join(body)) return;
    const known = admitted.get(key);
    if (known !== undefined) known.newest = source;
    if (known !== undefined || key === founder) return;
    // What became of the one who vouches became of its devices, unless they were told apart.
    const raised = by === founder || rules.wasRaised(by) || admitted.get(by)?.role === 'member';
    const role = raised && !(rules.isDemoted(by) && !rules.isDemoted(key)) ? 'member' : 'reader';
    const times = { at: source.at, newest: source, first: source };
    admitted.set(key, { ...{ peer: key, role, name: '', box, by, device }, ...times });
  }

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
    if (isTooLate(given, invite.body)) return;
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
      device: null,
    });
  }

  /** By what it says of itself, and not where its key asked in time. */
  function isTooLate({ source, body }: Admit, { expiresAt }: InviteBody): boolean {
    if (expiresAt === null || source.at < expiresAt + CONFIG.join.expiryGrace) return false;
    const asked = asking.get(placeOf(body));
    return asked === undefined || asked.source.at >= expiresAt + CONFIG.join.expiryGrace;
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
    ...vouches.map((each) => ({ source: each.source, run: () => vouch(each) })),
    ...Array.from(rules.requests, (each) => ({ source: each.source, run: () => ask(each) })),
    ...Array.from(rules.words, (each) => ({ source: each.source, run: () => say(each) })),
    ...rules.rules.map((each) => ({ source: each.source, run: () => void (rule = each.rule) })),
  ];
  for (const { run } of steps.sort((a, b) => compareEntries(a.source, b.source))) run();
  for (const [at, { body }] of asking) if (admitted.has(body.key) || body.key === founder) asking.delete(at);
  return { admitted, used, persons, rule, words, asking };
}
