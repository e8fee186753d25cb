// Calls about a grove's contract and what follows from it: gates, stop conditions, verification (SPEC G17, G19-G21).
import type { Core } from '../core.ts';
import { contractOf } from '../graph/contract.ts';
import { GRAPH } from '../graph/config.ts';
import type { Grove } from '../grove.ts';
import { gatesOf, stopsOf, verifiedOf } from '../judging.ts';
import { CONTRACT, CONTRACT_READERS } from '../model/contract.ts';
import type { ContractPart, ContractParts } from '../model/contract.ts';
import { ThicketError } from '../model/errors.ts';
import type { Cid } from '../model/ids.ts';
import { canonicalJson, type Json } from '../model/json.ts';
import { activeGrove, checkMayWrite, itemIn, type Call } from './api.ts';
import { appendSetting } from './setting.ts';
import type { Turns } from './turns.ts';

type Change = { [Part in ContractPart]?: ContractParts[Part] | null };

const isPart = (name: string): name is ContractPart => Object.hasOwn(CONTRACT_READERS, name);

export function contractCalls(core: Core, turns: Turns) {
  const self = core.identity.keypair.id;

  function termsOf(grove: Grove): ContractParts {
    if (grove.terms !== null) return grove.terms;
    throw new ThicketError('not-member', `grove: the contract of "${grove.name}" has not arrived yet`);
  }

  /** @throws ThicketError `forbidden`, `invalid` */
  function checkChange(grove: Grove, change: Change): void {
    checkMayWrite(core, grove, 'setting');
    const role = grove.members.role(self);
    if (role !== 'owner' && role !== 'moderator')
      throw new ThicketError(
        'forbidden',
        `role: only owner and moderators change the contract, not a ${role}`,
      );
    for (const [name, value] of Object.entries(change))
      if (!isPart(name) || (value !== null && CONTRACT_READERS[name](value as Json) === null))
        throw new ThicketError('invalid', `contract.${name}: not what this part of a contract needs`);
  }

  /** Those that differ from what is in effect, one entry each; answered with the last. */
  function write(call: Call, grove: Grove, change: Change): void {
    const terms = termsOf(grove);
    const founded = grove.members.contract ?? terms;
    const bare = contractOf(founded, { of: () => null });
    const isNews = (part: ContractPart): boolean => {
      const value = change[part];
      if (value === null) return grove.acts.settings.of(CONTRACT + part) !== null;
      return canonicalJson(value) !== canonicalJson(terms[part]);
    };
    const parts = Object.keys(change).filter(isPart).filter(isNews);
    const given = Object.entries(change).map(([part, value]) => [part, value ?? bare[part as ContractPart]]);
    const after = { ...terms, ...Object.fromEntries(given) } as ContractParts;
    const next = (index: number): void => {
      const part = parts[index];
      if (part === undefined) return call.reply(after);
      const isLast = index === parts.length - 1;
      const value = change[part] as Json | null;
      appendSetting(core, call, grove, CONTRACT + part, value ?? undefined, {
        note: () => (isLast ? call.note(after) : []),
        then: () => next(index + 1),
      });
    };
    next(0);
  }

  return {
    contract(call: Call, id: string, change: Change = {}): void {
      const grove = activeGrove(core, id);
      const terms = termsOf(grove);
      if (Object.keys(change).length === 0) return call.reply(terms);
      checkChange(grove, change);
      turns.take(grove, call, (last) => write(last, grove, change));
    },

    gates(call: Call, id: string, cid: string): void {
      const grove = activeGrove(core, id);
      call.reply(gatesOf(grove, itemIn(grove, cid).cid));
    },

    stops(call: Call, id: string): void {
      call.reply(stopsOf(activeGrove(core, id), core.context.now()));
    },

    verification(call: Call, id: string, cid: string): void {
      const grove = activeGrove(core, id);
      const { manifest, withdrawn } = itemIn(grove, cid);
      const found = verifiedOf(grove, { cid: cid as Cid, manifest, withdrawn });
      const words = found?.words
        .slice(0, GRAPH.maxShared)
        .map((word) => ({ ...word, authorName: grove.members.nameOf(word.author) }));
      call.reply(found && { ...found, words });
    },
  };
}
