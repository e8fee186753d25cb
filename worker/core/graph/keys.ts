// What a contribution can be found by, each field and value as one number: equal where they are, and now and then by
// chance. So that what is found by a key is only a candidate, to be tested all the same (SPEC G5).

/** Of the tags and of the context's keys: so many by themselves, so that no manifest fills the index. */
const MOST = 8;

export type Key = number;

type Field = 'kind' | 'mode' | 'platform' | 'agentId' | 'agentName' | 'tag' | 'context' | 'author';

/** FNV-1a over UTF-16, 30 bits: what an engine keeps in place. */
function hashOf(text: string): Key {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 30)) & 0x3fffffff;
}

const keyOf = (field: Field, value: string): Key => hashOf(`${field} ${value}`);

/** Of those that have more tags, or more keys in their context, than are keys by themselves. */
const MANY = { tag: hashOf('many tags'), context: hashOf('many in context') } as const;

export const authorKey = (author: string): Key => keyOf('author', author);

export const contextKey = (name: string, value: unknown): Key =>
  keyOf('context', `${JSON.stringify(name)} ${textOf(value)}`);

/** Equal for what is deeply equal. Depth is bounded by the manifest's (SPEC M5). */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  const fields = value as Readonly<Record<string, unknown>>;
  return `{${Object.keys(fields)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${textOf(fields[name])}`)
    .join()}}`;
}

/** Of a context's entries; null where there are too many. */
export function contextKeys(context: Readonly<Record<string, unknown>> | undefined): readonly Key[] | null {
  const entries = Object.entries(context ?? {});
  return entries.length > MOST ? null : entries.map(([name, value]) => contextKey(name, value));
}

/** What of a manifest filters look at, its context aside. */
export interface Named {
  readonly kind: string;
  readonly mode: string;
  readonly tags: readonly string[];
  readonly agent: {
    readonly agentId: string;
    readonly agentName?: string | undefined;
    readonly platform?: string | undefined;
  };
}
interface Said extends Named {
  readonly contextKeys: readonly Key[] | null;
}

/** All that a manifest is found by. */
export function keysOf({ kind, mode, tags, agent, contextKeys: context }: Said): ReadonlySet<Key> {
  const keys = new Set([keyOf('kind', kind), keyOf('mode', mode), keyOf('agentId', agent.agentId)]);
  if (agent.agentName !== undefined) keys.add(keyOf('agentName', agent.agentName));
  if (agent.platform !== undefined) keys.add(keyOf('platform', agent.platform));
  if (tags.length > MOST) keys.add(MANY.tag);
  else for (const tag of tags) keys.add(keyOf('tag', tag));
  if (context === null) keys.add(MANY.context);
  for (const key of context ?? []) keys.add(key);
  return keys;
}

interface Sought {
  kind?: string;
  mode?: string;
  tags?: readonly string[];
  platform?: string;
  agentId?: string;
  agentName?: string;
  author?: string;
  context?: Readonly<Record<string, unknown>>;
}

/** Whatever passes the filter is found by one key, at least, of each of these. */
export function keysFor(filter: Sought): (readonly Key[])[] {
  const keys: (readonly Key[])[] = [];
  for (const field of ['kind', 'mode', 'platform', 'agentId', 'agentName', 'author'] as const) {
    const value = filter[field];
    if (value !== undefined) keys.push([keyOf(field, value)]);
  }
  for (const tag of filter.tags ?? []) keys.push([keyOf('tag', tag), MANY.tag]);
  for (const [name, value] of Object.entries(filter.context ?? {}))
    keys.push([contextKey(name, value), MANY.context]);
  return keys;
}
