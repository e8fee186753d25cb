// Manifests as the bytes of their text, parsed when somebody looks: of a hundred thousand objects only a few are read at a
// time. What filters and lists of all ask for is kept beside them, equal parts once.
import { fromUtf8, utf8 } from '../model/bytes.ts';
import { parseJson } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { GRAPH } from './config.ts';
import { contextKeys } from './keys.ts';
import type { Key } from './keys.ts';
import { createPool } from './pool.ts';

/** What of a manifest is looked at where all are. */
export interface Traits {
  readonly kind: string;
  readonly mode: string;
  readonly tags: readonly string[];
  readonly agent: Agent;
  /** Stays out of the rankings (SPEC G6). */
  readonly ephemeral: boolean;
  /** What its context is found by; null where it says too much. */
  readonly contextKeys: readonly Key[] | null;
}
interface Agent {
  readonly agentId: string;
  readonly agentName: string | undefined;
  readonly platform: string | undefined;
}

export interface Bodies {
  /** Gives the number to read it by. `bytes`: its text, where it is at hand. */
  add(manifest: Manifest, bytes?: Uint8Array): number;
  read(at: number): Manifest | null;
  traits(manifest: Manifest): Traits;
}

export function createBodies(): Bodies {
  const pool = createPool();
  /** The latest that were read, oldest first. */
  const recent = new Map<number, Manifest>();
  const shared = new Map<string, string>();
  const tagLists = new Map<string, readonly string[]>();
  const agents = new Map<string, Agent>();

  const share = (text: string): string => once(shared, text, () => text);

  function remember(at: number, manifest: Manifest): Manifest {
    recent.set(at, manifest);
    const [oldest] = recent.keys();
    if (recent.size > GRAPH.parsed && oldest !== undefined) recent.delete(oldest);
    return manifest;
  }

  return {
    add: (manifest, bytes = utf8(JSON.stringify(manifest))) => pool.add(bytes),
    read(at) {
      const known = recent.get(at);
      if (known !== undefined) return known;
      const text = fromUtf8(pool.read(at));
      const parsed = text.ok ? parseJson(text.value, 'manifest') : null;
      // It was a manifest when it was put here.
      return parsed?.ok === true ? remember(at, parsed.value as Manifest) : null;
    },
    traits({ kind, mode, tags, agent: { agentId, agentName, platform }, context }) {
      return {
        kind: share(kind),
        mode: share(mode),
        tags: once(tagLists, JSON.stringify(tags), () => tags.map(share)),
        agent: once(agents, JSON.stringify([agentId, agentName ?? null, platform ?? null]), () => ({
          agentId: share(agentId),
          agentName,
          platform,
        })),
        ephemeral:
          context !== undefined && Object.hasOwn(context, 'ephemeral') && context['ephemeral'] === true,
        contextKeys: context === undefined ? NO_KEYS : contextKeys(context),
      };
    },
  };
}

const NO_KEYS: readonly Key[] = [];

function once<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
