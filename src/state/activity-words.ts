// What an entry did, in words: a verb, and what follows it. Pure; who did it stands before.
import type { ActivityItem } from '../../worker/rpc/api.ts';
import { strings } from '../strings.ts';
import { visible } from '../text.ts';

const own = (table: Readonly<Record<string, string>>, key: string | undefined): string | undefined =>
  key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;

export function deedOf({ kind, word, key, target, note }: ActivityItem): { verb: string; note: string } {
  const words = strings.activity;
  const said = note === undefined ? '' : note;
  const verb = ((): string | undefined => {
    switch (kind) {
      case 'contribution':
        return own(words.contributions, target?.kind) ?? words.kinds.contribution;
      case 'claim':
        return own(words.claims, word);
      case 'vote':
        return own(words.votes, word);
      case 'outcome':
        return word === undefined
          ? undefined
          : words.outcome(own(strings.acts.outcome, word) ?? visible(word));
      case 'approve':
        return own(words.answers, word);
      case 'report':
        return words.reported;
      case 'moderate':
        return own(words.moderated, word);
      case 'admit':
        return words.admit(own(words.roleOf, word) ?? '');
      case 'role':
        return words.role(own(words.roleOf, word) ?? '');
      case 'setting':
        return own(words.settings, key) ?? words.kinds.setting;
      default:
        return own(words.kinds, kind);
    }
  })();
  return { verb: verb ?? words.other(visible(kind)), note: said };
}
