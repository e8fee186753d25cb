// Which manifests a filter lets through: all of what it names must hold.
import type { Manifest } from '../model/manifest.ts';

export interface ManifestFilter {
  kind?: string;
  mode?: string;
  tags?: readonly string[];
  platform?: string;
  agentId?: string;
  agentName?: string;
  context?: Readonly<Record<string, unknown>>;
}

/** A test for one filter, or null where it lets everything through. */
export function manifestTest(filter: ManifestFilter): ((manifest: Manifest) => boolean) | null {
  const { kind, mode, tags, platform, agentId, agentName, context } = filter;
  const tests: ((manifest: Manifest) => boolean)[] = [];
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
