// Which words of a program are what: the only importer of lowlight. It gives a tree, so no markup is made on the way to the
// screen. Bounded; pure.
import { createLowlight } from 'lowlight';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import type { Language } from './languages.ts';

const GRAMMARS = {
  bash,
  c,
  cpp,
  css,
  diff,
  go,
  ini,
  java,
  javascript,
  json,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
} satisfies Record<Language, unknown>;
const lowlight = createLowlight(GRAMMARS);

/** What a word is; null: nothing in particular. */
export type Scope = 'keyword' | 'string' | 'number' | 'comment' | 'title' | 'attr';
export interface Run {
  text: string;
  scope: Scope | null;
}

/** The many scopes of the library by what they mean to a reader. */
const SCOPES: Readonly<Record<string, Scope>> = {
  keyword: 'keyword',
  built_in: 'keyword',
  type: 'keyword',
  tag: 'keyword',
  name: 'keyword',
  meta: 'comment',
  comment: 'comment',
  string: 'string',
  regexp: 'string',
  addition: 'string',
  number: 'number',
  literal: 'number',
  symbol: 'number',
  title: 'title',
  section: 'title',
  deletion: 'title',
  attr: 'attr',
  attribute: 'attr',
  property: 'attr',
  variable: 'attr',
};

/** The same text in pieces. */
export function highlight(text: string, language: Language): Run[] {
  const runs: Run[] = [];
  const add = (piece: string, scope: Scope | null): void => {
    const last = runs.at(-1);
    if (last?.scope === scope) last.text += piece;
    else runs.push({ text: piece, scope });
  };
  type Node = ReturnType<typeof lowlight.highlight>['children'][number];
  const walk = (nodes: readonly Node[], scope: Scope | null): void => {
    for (const node of nodes) {
      if (node.type === 'text') add(node.value, scope);
      else if (node.type === 'element') walk(node.children, scopeOf(node.properties['className']) ?? scope);
    }
  };
  walk(lowlight.highlight(language, text).children, null);
  return runs;
}

function scopeOf(names: unknown): Scope | null {
  if (!Array.isArray(names)) return null;
  const known = names.map((name) => SCOPES[String(name).replace(/^hljs-/, '')]);
  return known.find((scope) => scope !== undefined) ?? null;
}
