// The contract that is in effect (SPEC G17): what its entry says, changed by the grove's settings.
import { CONTRACT, CONTRACT_READERS } from '../model/contract.ts';
import type { ContractPart, ContractParts } from '../model/contract.ts';
import type { Settings } from './settings.ts';

/** What the contract's entry says. */
export type Founded = Pick<ContractParts, 'name' | 'description' | 'metrics'>;

export function contractOf(founded: Founded, settings: Pick<Settings, 'of'>): ContractParts {
  function part<Part extends ContractPart>(name: Part, otherwise: ContractParts[Part]): ContractParts[Part] {
    const setting = settings.of(CONTRACT + name);
    return (setting === null ? null : CONTRACT_READERS[name](setting.value)) ?? otherwise;
  }
  return {
    name: part('name', founded.name),
    description: part('description', founded.description),
    metrics: part('metrics', founded.metrics),
    gates: part('gates', []),
    stops: part('stops', []),
    join: part('join', 'open'),
    policy: part('policy', {}),
  };
}
