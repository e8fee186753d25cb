// Full text over what manifests say. Holds an index of words, not the manifests, and knows nothing of who withdrew.
import MiniSearch from 'minisearch';
import { ThicketError } from '../model/errors.ts';
import type { Cid } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Contribution } from './contributions.ts';
import { GRAPH } from './config.ts';

export interface Search {
  /** Queued until the first search after it, so that filling a grove does not wait for the index. */
  add(contribution: Pick<Contribution, 'cid' | 'manifest'>): void;
  /** Puts the next so many into the index. How many still wait. */
  prepare(count: number): number;
  /** Contributions in which each word of the text begins some word. Throws `invalid` for a text over 256 characters, `busy` while many wait. */
  find(text: string): ReadonlySet<Cid>;
}

interface Page {
  id: Cid;
  text: Record<Field, string>;
}
const FIELDS = ['summary', 'description', 'tags', 'agent', 'artifacts'] as const;
type Field = (typeof FIELDS)[number];

export function createSearch(): Search {
  let queue: Pick<Contribution, 'cid' | 'manifest'>[] = [];
  const index = new MiniSearch<Page>({
    fields: [...FIELDS],
    extractField: (page, field) => (isField(field) ? page.text[field] : page.id),
    processTerm: (term) => term.normalize('NFKC').toLowerCase(),
    searchOptions: { combineWith: 'AND', prefix: true },
  });

  function prepare(count: number): number {
    for (const { cid, manifest } of queue.slice(0, count))
      if (manifest !== null && !index.has(cid)) index.add({ id: cid, text: textOf(manifest) });
    queue = queue.slice(count);
    return queue.length;
  }

  return {
    prepare,
    add: (contribution) => {
      queue.push(contribution);
    },
    find: (text) => {
      if (text.length > GRAPH.maxSearchText) {
        throw new ThicketError(
          'invalid',
          `text: at most ${GRAPH.maxSearchText} characters, got ${text.length}`,
        );
      }
      if (queue.length > GRAPH.searchAtOnce) {
        const all = index.documentCount + queue.length;
        throw new ThicketError(
          'busy',
          `text: ${index.documentCount} of ${all} are in the index by now: ask again`,
        );
      }
      prepare(queue.length);
      return new Set(index.search(text).map((hit) => hit.id as Cid));
    },
  };
}

const isField = (name: string): name is Field => (FIELDS as readonly string[]).includes(name);

const clip = (text: string): string => text.slice(0, GRAPH.searchField);

function textOf({ summary, description, tags, agent, artifacts }: Manifest): Page['text'] {
  return {
    summary,
    description: clip(description ?? ''),
    tags: clip(tags.join(' ')),
    agent: clip(
      [agent.agentId, agent.agentName, agent.platform].filter((name) => name !== undefined).join(' '),
    ),
    artifacts: clip(Object.keys(artifacts).join(' ')),
  };
}
