// Full text over what manifests say: for each word the contributions that have it. Holds numbers, not manifests, and knows
// nothing of who withdrew. Nothing is scored: lists are in the order of the log.
import SearchableMap from 'minisearch/SearchableMap';
import { ThicketError } from '../model/errors.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Contribution } from './contributions.ts';
import { GRAPH } from './config.ts';

export interface Search {
  /** Queued until the first search after it, so that filling a grove does not wait for the index. Each once, in the order of their bodies' numbers. */
  add(contribution: Contribution): void;
  /** Puts the next so many into the index. How many still wait. */
  prepare(count: number): number;
  /** Contributions in which each word of the text begins some word. Throws `invalid` for a text over 256 characters, `busy` while many wait. */
  find(text: string): Hits;
}

export interface Hits {
  readonly size: number;
  has(contribution: Contribution): boolean;
  all(): Contribution[];
}

/** Numbers of those that have a word, ascending: mostly one alone. */
type Numbers = number | number[];

export function createSearch(): Search {
  const all: Contribution[] = [];
  /** So many of them are in the index. */
  let indexed = 0;
  const words = new SearchableMap<Numbers>();

  function put(number: number, { manifest }: Contribution): void {
    if (manifest === null) return;
    for (const word of wordsOf(textOf(manifest))) {
      const known = words.get(word);
      if (known === undefined) words.set(word, number);
      else if (typeof known === 'number') words.set(word, [known, number]);
      else known.push(number);
    }
  }

  function prepare(count: number): number {
    const end = Math.min(all.length, indexed + count);
    for (; indexed < end; indexed += 1) {
      const next = all[indexed];
      if (next !== undefined) put(indexed, next);
    }
    return all.length - indexed;
  }

  /** Marks with `to` those marked with `from` that have a word that begins so. How many there are. */
  function narrow(marks: Uint8Array, prefix: string, from: number, to: number): number {
    let size = 0;
    const mark = (number: number): void => {
      if (marks[number] !== from) return;
      marks[number] = to;
      size += 1;
    };
    for (const numbers of words.atPrefix(prefix).values()) {
      if (typeof numbers === 'number') mark(numbers);
      else for (const number of numbers) mark(number);
    }
    return size;
  }

  return {
    prepare,
    add: (contribution) => {
      all.push(contribution);
    },
    find: (text) => {
      if (text.length > GRAPH.maxSearchText) {
        throw new ThicketError(
          'invalid',
          `text: at most ${GRAPH.maxSearchText} characters, got ${text.length}`,
        );
      }
      if (all.length - indexed > GRAPH.searchAtOnce) {
        throw new ThicketError(
          'busy',
          `text: ${indexed} of ${all.length} are in the index by now: ask again`,
        );
      }
      prepare(Infinity);
      const sought = [...wordsOf(text)];
      // Fewer words than fit in a byte: the longest text has half as many as characters.
      const marks = new Uint8Array(all.length);
      let size = 0;
      sought.forEach((word, at) => (size = narrow(marks, word, at, at + 1)));
      const has = ({ number }: Contribution): boolean => sought.length > 0 && marks[number] === sought.length;
      return { size, has, all: () => all.filter(has) };
    },
  };
}

const BETWEEN = /[\p{Z}\p{P}\p{Cc}]+/u;

function wordsOf(text: string): Set<string> {
  const words = new Set(text.normalize('NFKC').toLowerCase().split(BETWEEN));
  words.delete('');
  return words;
}

const clip = (text: string): string => text.slice(0, GRAPH.searchField);

function textOf({ summary, description, tags, agent, artifacts }: Manifest): string {
  return [
    summary,
    clip(description ?? ''),
    clip(tags.join(' ')),
    clip([agent.agentId, agent.agentName, agent.platform].filter((name) => name !== undefined).join(' ')),
    clip(Object.keys(artifacts).join(' ')),
  ].join(' ');
}
