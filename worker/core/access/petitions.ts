// Who asks to be let in, what was answered, and what the contract asked for at each moment (SPEC A17): noted in any order.
// What counts of it, admissions.ts finds as it goes through them in theirs.
import { compareEntries } from '../model/entry.ts';
import type { ApproveBody, RequestBody } from '../model/governing.ts';
import type { JOIN_RULES } from '../model/contract.ts';
import type { Json } from '../model/json.ts';
import type { SettingBody } from '../model/acts.ts';
import { CONTRACT, CONTRACT_READERS } from '../model/contract.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import type { PowerSource } from './authority.ts';

export type JoinRule = (typeof JOIN_RULES)[number];
type Rank = 'owner' | 'moderator' | null;

export const JOIN_KEY = `${CONTRACT}join`;

export interface Request {
  source: PowerSource;
  body: RequestBody;
}
export interface Word {
  source: PowerSource;
  body: ApproveBody;
}
interface Rule {
  source: PowerSource;
  body: SettingBody;
}

/** From this place on. */
export interface RuleFrom {
  source: PowerSource;
  rule: JoinRule;
}

export class Petitions {
  readonly requests = new Map<EntryId, Request>();
  readonly words = new Map<EntryId, Word>();
  readonly #rules = new Map<EntryId, Rule>();

  request(source: PowerSource, body: RequestBody): void {
    this.requests.set(source.id, { source, body });
  }

  word(source: PowerSource, body: ApproveBody): void {
    this.words.set(source.id, { source, body });
  }

  /** False for a setting that says nothing of it. */
  rule(source: PowerSource, body: SettingBody): boolean {
    if (body.key !== JOIN_KEY) return false;
    this.#rules.set(source.id, { source, body });
    return true;
  }

  /**
   * What is asked for after each setting of it, in their order: of those before, written by owner or moderator as such, that
   * none of them replaces, the owner's first, then the highest; of an author the last (as SPEC G16 says of settings).
   */
  rules(rankAt: (author: PeerId, seq: number) => Rank): RuleFrom[] {
    const last = new Map<PeerId, Rule>();
    const replaced = new Set<EntryId>();
    const rules: RuleFrom[] = [];
    for (const each of [...this.#rules.values()].sort((a, b) => compareEntries(a.source, b.source))) {
      const { source, body } = each;
      const rank = rankAt(source.author, source.seq);
      if (rank === null || !fits(body.value)) continue;
      for (const id of body.replaces) replaced.add(id);
      last.delete(source.author);
      last.set(source.author, each);
      const standing = [...last.values()].filter((rule) => !replaced.has(rule.source.id));
      const owners = standing.filter((rule) => rankAt(rule.source.author, rule.source.seq) === 'owner');
      const best = (owners.length > 0 ? owners : standing).at(-1);
      rules.push({ source, rule: (best && readRule(best.body.value)) ?? 'open' });
    }
    return rules;
  }
}

const readRule = (value: Json | undefined): JoinRule | null =>
  value === undefined ? null : CONTRACT_READERS.join(value);
const fits = (value: Json | undefined): boolean => value === undefined || readRule(value) !== null;

const RANKS = ['owner', 'moderator', 'member'] as const;
export type WordRank = (typeof RANKS)[number];

/** What was said of each who asks, so far: the owner's word first, then moderators', then members'; of equals the last. */
export class Words {
  readonly #said = new Map<string, Partial<Record<WordRank, Word>>>();

  say(rank: WordRank, word: Word): void {
    const at = placeOf(word.body);
    this.#said.set(at, { ...this.#said.get(at), [rank]: word });
  }

  standing(of: { invite: EntryId; key: PeerId }, rule: JoinRule): Word | null {
    const said = this.#said.get(placeOf(of));
    const heard = rule === 'moderated' ? RANKS.slice(0, 2) : RANKS;
    for (const rank of heard) {
      const word = said?.[rank];
      if (word !== undefined) return word;
    }
    return null;
  }
}

export const placeOf = ({ invite, key }: { invite: EntryId; key: PeerId }): string => `${invite}/${key}`;
