// Which language a file is written in, by how its name ends. Pure.
import { endingOf } from './told.ts';

export type Language =
  | 'bash'
  | 'c'
  | 'cpp'
  | 'css'
  | 'diff'
  | 'go'
  | 'ini'
  | 'java'
  | 'javascript'
  | 'json'
  | 'python'
  | 'rust'
  | 'sql'
  | 'typescript'
  | 'xml'
  | 'yaml';

const ENDINGS: Readonly<Record<Language, readonly string[]>> = {
  bash: ['sh', 'bash', 'zsh'],
  c: ['c', 'h'],
  cpp: ['cc', 'cpp', 'cxx', 'hpp', 'cu', 'cuh'],
  css: ['css'],
  diff: ['diff', 'patch'],
  go: ['go'],
  ini: ['ini', 'toml', 'cfg', 'conf'],
  java: ['java', 'kt'],
  javascript: ['js', 'mjs', 'cjs', 'jsx'],
  json: ['json', 'jsonl', 'ndjson', 'ipynb'],
  python: ['py', 'pyi'],
  rust: ['rs'],
  sql: ['sql'],
  typescript: ['ts', 'mts', 'cts', 'tsx'],
  xml: ['xml', 'html', 'htm', 'svg'],
  yaml: ['yaml', 'yml'],
};

/** Characters. A longer text is shown plain: so many pieces would hold up the page. */
export const MOST_COLOURED = 48 * 1024;

/** Null where none is known. */
export function languageOf(name: string): Language | null {
  const ending = endingOf(name);
  for (const [language, endings] of Object.entries(ENDINGS))
    if (endings.includes(ending)) return language as Language;
  return null;
}
