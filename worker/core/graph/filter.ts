// Which contributions a filter lets through: all of what it names must hold (SPEC G5).
import type { PeerId } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Contribution } from './contributions.ts';
import { contextKey, type Named } from './keys.ts';

export interface ManifestFilter {
  /** By name: what later versions call theirs is found as well. */
  kind?: string;
  mode?: string;
  /** All of them. */
  tags?: readonly string[];
  platform?: string;
  agentId?: string;
  agentName?: string;
  /** Each key deeply equal to the manifest's. */
  context?: Readonly<Record<string, unknown>>;
}
interface Said extends Named {
  readonly context?: Manifest['context'] | undefined;
}

export interface ContributionFilter extends ManifestFilter {
  /** Whose publication stands. */
  author?: string;
}

export interface ContributionTest {
  /** False for what surely doesn't pass: all but what only the whole manifest tells. */
  quick: (contribution: Contribution) => boolean;
  passes: (contribution: Contribution) => boolean;
}

/** A test for one filter, or null where it lets everything through. */
export function contributionTest(filter: ContributionFilter): ContributionTest | null {
  const { author, context } = filter;
  const test = manifestTest({ ...filter, context: {} });
  const deep = context === undefined ? null : manifestTest({ context });
  const wanted = Object.entries(context ?? {}).map(([name, value]) => contextKey(name, value));
  if (author === undefined && test === null && deep === null) return null;
  const quick = (contribution: Contribution): boolean => {
    if (author !== undefined && !isBy(contribution, author)) return false;
    if (test === null && deep === null) return true;
    const { traits } = contribution;
    if (traits === null || test?.(traits) === false) return false;
    return traits.contextKeys === null || wanted.every((key) => traits.contextKeys?.includes(key));
  };
  if (deep === null) return { quick, passes: quick };
  return {
    quick,
    passes: (contribution) => {
      const manifest = quick(contribution) ? contribution.manifest : null;
      return manifest !== null && deep(manifest);
    },
  };
}

function isBy({ publications, retracted }: Contribution, author: string): boolean {
  if (retracted.has(author as PeerId)) return false;
  for (const publication of publications.values()) if (publication.author === author) return true;
  return false;
}

/** The same of what a manifest says, or of what is kept of it beside. */
export function manifestTest(filter: ManifestFilter): ((manifest: Said) => boolean) | null {
  const { kind, mode, tags, platform, agentId, agentName, context } = filter;
  const tests: ((manifest: Said) => boolean)[] = [];
  if (kind !== undefined) tests.push((manifest) => manifest.kind === kind);
  if (mode !== undefined) tests.push((manifest) => manifest.mode === mode);
  if (tags !== undefined && tags.length > 0) {
    tests.push((manifest) => tags.every((tag) => manifest.tags.includes(tag)));
  }
  if (platform !== undefined) tests.push((manifest) => manifest.agent.platform === platform);
  if (agentId !== undefined) tests.push((manifest) => manifest.agent.agentId === agentId);
  if (agentName !== undefined) tests.push((manifest) => manifest.agent.agentName === agentName);
  const wanted = Object.entries(context ?? {});
  if (wanted.length > 0) {
    tests.push(({ context: given }) =>
      given === undefined
        ? false
        : wanted.every(([key, value]) => Object.hasOwn(given, key) && equal(given[key], value)),
    );
  }
  return tests.length === 0 ? null : (manifest) => tests.every((test) => test(manifest));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Deep equality of JSON values. Depth is bounded by the manifest's (SPEC M5). */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]))
  );
}
