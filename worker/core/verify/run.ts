// What the parts of one check of the store share, and how they walk its tables: in bounded steps, so that whoever else asks
// something waits for one of them only. Knows nothing of what is checked.
import { CONFIG } from '../config.ts';
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import type { Row, Table } from '../ports.ts';
import type { Findings } from './findings.ts';

export const PHASES = ['log', 'bodies', 'blocks', 'artifacts', 'notes', 'repair', 'views'] as const;
export type Phase = (typeof PHASES)[number];

export interface Checked {
  entries: number;
  signatures: number;
  bodies: number;
  artifacts: number;
  lists: number;
  blocks: number;
  /** Of blocks. */
  bytes: number;
  /** In which blocks lie together on disk. */
  files: number;
  notes: number;
  views: number;
}

export interface Run {
  core: Core;
  /** BLAKE3-256, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  repair: boolean;
  findings: Findings;
  checked: Checked;
  skipped: { grove: string; reason: string }[];
  progress(phase: Phase, done: number, total: number | null): void;
  /** The caller does not want it any more. */
  isStopped(): boolean;
  /** The store could not be read: nothing can be said. */
  fail(message: string): void;
}

interface Walk {
  table: Table;
  prefix: string;
  rows?: number;
  /** Calls `next` once it is through with them. */
  each: (rows: readonly Row[], next: () => void) => void;
}

/** All rows of a table with this prefix, a few at a time, then `done`; not where the run was stopped, or failed. */
export function walk(
  run: Run,
  { table, prefix, rows = CONFIG.verify.rows, each }: Walk,
  done: () => void,
): void {
  const step = (after: string | null): void => {
    if (run.isStopped()) return;
    run.core.context.scan(table, prefix, after, rows, (found) => {
      if (run.isStopped()) return;
      if (isFailure(found)) return run.fail(found.message);
      const last = found.at(-1);
      // A scan leaves out what it can't read, so that fewer rows are no sign of the end: none is.
      if (last === undefined) return done();
      each(found, () => step(last.key));
    });
  };
  step(null);
}

/** Runs these one after the other, then `done`. */
export function inTurn(tasks: readonly ((next: () => void) => void)[], done: () => void): void {
  const [first, ...rest] = tasks;
  if (first === undefined) return done();
  first(() => inTurn(rest, done));
}
