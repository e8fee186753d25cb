// What a check of the store found: counted all, told one by one up to a bound. Knows nothing of where it looks.
import { CONFIG } from '../config.ts';
import type { GroveId } from '../model/ids.ts';

export const KINDS = [
  'entry',
  'signature',
  'body',
  'block',
  'list',
  'artifact',
  'orphan',
  'note',
  'record',
  'view',
  'index',
] as const;
export type FindingKind = (typeof KINDS)[number];
export type FindingState = 'found' | 'repaired' | 'asked' | 'lost';

export interface Finding {
  kind: FindingKind;
  grove: GroveId | null;
  id: string;
  state: FindingState;
  detail: string;
}

export interface Findings {
  add(kind: FindingKind, grove: GroveId | null, id: string, detail: string): Finding;
  settle(finding: Finding, state: FindingState, detail?: string): void;
  has(grove: GroveId, kinds: readonly FindingKind[]): boolean;
  result(): { findings: Finding[]; found: number; repaired: number; asked: number; lost: number };
}

export function createFindings(): Findings {
  const listed: Finding[] = [];
  const counts: Record<FindingState, number> = { found: 0, repaired: 0, asked: 0, lost: 0 };
  /** What of a grove is not repaired. */
  const open = new Map<string, number>();
  const keyOf = ({ grove, kind }: Finding): string => `${grove ?? ''}/${kind}`;
  const count = (finding: Finding, by: 1 | -1): void => {
    counts[finding.state] += by;
    const key = keyOf(finding);
    if (finding.state !== 'repaired') open.set(key, (open.get(key) ?? 0) + by);
  };

  return {
    add(kind, grove, id, detail) {
      const finding: Finding = { kind, grove, id, state: 'found', detail };
      count(finding, 1);
      if (listed.length < CONFIG.verify.listed) listed.push(finding);
      return finding;
    },
    settle(finding, state, detail) {
      count(finding, -1);
      finding.state = state;
      finding.detail = detail ?? finding.detail;
      count(finding, 1);
    },
    has: (grove, kinds) => kinds.some((kind) => (open.get(`${grove}/${kind}`) ?? 0) > 0),
    result: () => ({
      findings: listed.map((each) => ({ ...each })),
      found: counts.found + counts.repaired + counts.asked + counts.lost,
      repaired: counts.repaired,
      asked: counts.asked,
      lost: counts.lost,
    }),
  };
}
